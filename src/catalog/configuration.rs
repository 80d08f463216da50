//! What `workos_configure()` was given. [`super::issuers`] reads it, and notices when it changes.

use std::cell::Cell;
use std::ffi::CStr;

use pgrx::pg_sys::Oid;

use super::directory;
use super::tables::{Table, Type};
use crate::local::Local;

pub const TABLE_NAME: &CStr = c"workos_configuration";

static NEWEST: Local<Cell<bool>> = Local::new(Cell::new(false));

/// Whether the newer of token and directory decides, as of the last call of [`super::issuers::generation`]. If not, the
/// token decides.
#[inline]
pub fn newest() -> bool {
    NEWEST.get()
}

/// Reads the only row; `None` if the table lacks the column. Without the row, a restore has left it out: if there is a
/// directory, the newer decides, which lets nobody in whom the token alone would not.
pub fn read(table: Oid) -> Option<()> {
    let columns = [(c"membership", Type::Text)];
    let rows = Table::without_index(table).rows(None, &[], columns, |[membership]| membership.text())?;
    let lost = rows.is_empty() && directory::is_installed();
    NEWEST.set(lost || rows.iter().flatten().any(|membership| &**membership != "token"));
    Some(())
}
