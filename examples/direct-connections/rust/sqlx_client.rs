//! One user's work in one transaction, with sqlx.

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx::{Error, Transaction};

/// Policies see the user of this token until the transaction ends. A token that is not valid is an
/// `Error::Database` with code 28000; dropping the transaction rolls back.
async fn signed_in(pool: &PgPool, access_token: &str) -> Result<Transaction<'static, Postgres>, Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("select workos_authenticate($1)").bind(access_token).execute(&mut *transaction).await?;
    Ok(transaction)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let access_token = std::env::var("ACCESS_TOKEN")?;
    let pool = PgPoolOptions::new().max_connections(1).connect_with(PgConnectOptions::new()).await?;

    let mut transaction = signed_in(&pool, &access_token).await?;
    let (user, org): (String, String) =
        sqlx::query_as("select workos_user_id(), workos_org_id()").fetch_one(&mut *transaction).await?;
    transaction.commit().await?;
    println!("{user} {org}");

    let nobody: Option<String> = sqlx::query_scalar("select workos_user_id()").fetch_one(&pool).await?;
    println!("{nobody:?}");

    match signed_in(&pool, &format!("{access_token}x")).await {
        Err(Error::Database(error)) => println!("{}", error.message()),
        _ => println!("never printed"),
    }
    Ok(())
}
