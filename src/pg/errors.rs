//! The errors of the extension with their SQLSTATEs. None of them ever holds a claim, a token or a key.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

use crate::token::json::Broken;

#[derive(Clone, Copy)]
pub enum Error {
    Claims(Broken),
    /// Longer than any token's claims; reading it would cost many times its size.
    TooLong,
    /// The setting's bytes are not valid in the encoding of the database.
    NotInEncoding,
    /// A claim, or all of them together, holds a character that the encoding of the database lacks.
    LacksCharacter,
    /// A claim is too large or too deep for `jsonb`.
    NotJsonb,
}

const GATEWAY: &str = "The gateway must set it to the claims of a verified token as one JSON object, \
                       or to an empty string for an anonymous visitor.";

pub fn raise(error: Error) -> ! {
    let (message, hint) = match error {
        Error::Claims(Broken::NotJson) => ("setting \"request.jwt.claims\" is not valid JSON", GATEWAY),
        Error::Claims(Broken::NotAnObject) => {
            ("setting \"request.jwt.claims\" is not a JSON object", GATEWAY)
        }
        Error::Claims(Broken::Nul) => (
            "setting \"request.jwt.claims\" holds a string with \\u0000",
            "Postgres text cannot hold that character. Refuse such tokens at the gateway.",
        ),
        Error::Claims(Broken::LoneSurrogate) => (
            "setting \"request.jwt.claims\" holds a string with half of a surrogate pair",
            "It stands for no character. Refuse such tokens at the gateway.",
        ),
        Error::TooLong => ("setting \"request.jwt.claims\" is longer than 1 MiB", GATEWAY),
        Error::NotInEncoding => (
            "setting \"request.jwt.claims\" is not valid in the encoding of the database",
            "The gateway must set its client_encoding to the encoding that it sends.",
        ),
        Error::LacksCharacter => (
            "setting \"request.jwt.claims\" holds a character that the encoding of the database lacks",
            "Keep such claims out of the token, or use a database with encoding UTF8.",
        ),
        Error::NotJsonb => (
            "setting \"request.jwt.claims\" holds a value that jsonb cannot",
            "A number is out of range, or a value is nested too deeply. Read single claims with workos_claim().",
        ),
    };
    ErrorReport::new(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, message, "pg_workos")
        .set_hint(hint)
        .report(PgLogLevel::ERROR);
    unreachable!("a report of level ERROR does not return")
}
