//! One user's work in one transaction, with tokio-postgres.

use std::env::var;

use tokio_postgres::{Client, Config, Error, NoTls, Transaction};

/// Policies see the user of this token until the transaction ends. A token that is not valid is an error with
/// code 28000; dropping the transaction rolls back.
async fn signed_in<'a>(client: &'a mut Client, access_token: &str) -> Result<Transaction<'a>, Error> {
    let transaction = client.transaction().await?;
    transaction.execute("select workos_authenticate($1)", &[&access_token]).await?;
    Ok(transaction)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let access_token = var("ACCESS_TOKEN")?;
    let mut config = Config::new();
    config.host(var("PGHOST")?).user(var("PGUSER")?).dbname(var("PGDATABASE")?);
    config.port(var("PGPORT").unwrap_or("5432".into()).parse()?);
    let (mut client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);

    let transaction = signed_in(&mut client, &access_token).await?;
    let row = transaction.query_one("select workos_user_id(), workos_org_id()", &[]).await?;
    transaction.commit().await?;
    println!("{} {}", row.get::<_, &str>(0), row.get::<_, &str>(1));

    let row = client.query_one("select workos_user_id()", &[]).await?;
    println!("{:?}", row.get::<_, Option<&str>>(0));

    match signed_in(&mut client, &format!("{access_token}x")).await {
        Err(error) => println!("{}", error.as_db_error().ok_or("no answer")?.message()),
        Ok(_) => println!("never printed"),
    }
    Ok(())
}
