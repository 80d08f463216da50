//! The errors of the extension with their SQLSTATEs. A message never holds a claim, a token or a key.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

use workos_claims::json::Broken;
use workos_claims::jwks::Unfit;
use workos_claims::verify::Refusal;

use crate::memory;
use crate::settings::source::{Source, claims_source};

#[derive(Clone, Copy)]
pub enum Error {
    Claims(Broken),
    /// Longer than the claims of any token. Parsing takes many times the memory of the text.
    TooLong,
    /// The setting's bytes are not valid in the encoding of the database.
    NotInEncoding,
    /// A claim, or all of them together, holds a character that the encoding of the database lacks.
    LacksCharacter,
    /// A claim is a number out of range for `jsonb`, or is nested too deeply.
    NotJsonb,
    /// The access token is invalid.
    Refused(Refusal),
    /// As the directory says.
    SessionHasEnded,
    SourceIsRequest,
    SourceRefused,
    NotAnIssuer,
    Unfit(Unfit),
    /// The key set is too long.
    KeysTooLong,
    NoIssuersTable,
    NoAudiencesTable,
    /// A kind of token that cannot sign in.
    NotAKind,
    NoConfigurationTable,
    NotATrigger,
    NoDirectory,
    AlteredDirectory,
    NotAMembership,
    OutOfMemory,
}

use Error::*;
use PgSqlErrorCode::*;

const GATEWAY: &str = "The gateway must set it to the claims of a verified token as one JSON object, \
                       or to an empty string for an anonymous visitor.";
const TOKEN: &str =
    "Pass the access token exactly as WorkOS issued it: three base64url segments, separated by dots.";
const ANOTHER: &str = "Get a new access token from WorkOS.";
const OURS: &str = "The token must be for the client id at the end of the issuer's URL.";
const AUDIENCE: &str = "The claim \"aud\" must name the client id at the end of the issuer's URL; for an application, or where that \
                        URL has none, an audience that the owner of the extension has accepted with workos_accept_audience().";
const KEYS: &str = "Pass the response of https://api.workos.com/sso/jwks/<client_id> unchanged.";

pub fn raise(error: Error) -> ! {
    memory::hold();
    let (message, hint) = words(error);
    // The setting that holds the claims.
    let setting = match claims_source() {
        Source::Token => "workos.access_token",
        _ => "request.jwt.claims",
    };
    ErrorReport::new(sqlstate(error), message.replace("{setting}", setting), "pg_workos")
        .set_hint(hint)
        .report(PgLogLevel::ERROR);
    unreachable!("a report of level ERROR does not return")
}

fn sqlstate(error: Error) -> PgSqlErrorCode {
    match error {
        Claims(_) | TooLong | NotInEncoding | LacksCharacter | NotJsonb | NotAnIssuer | Unfit(_)
        | KeysTooLong | NotAKind | NotAMembership => ERRCODE_INVALID_PARAMETER_VALUE,
        Refused(_) | SessionHasEnded => ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION,
        SourceIsRequest | SourceRefused | NoIssuersTable | NoAudiencesTable | NoConfigurationTable
        | NoDirectory | AlteredDirectory => ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        NotATrigger => ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
        OutOfMemory => ERRCODE_OUT_OF_MEMORY,
    }
}

fn words(error: Error) -> (&'static str, &'static str) {
    match error {
        Claims(Broken::NotJson) => ("setting \"{setting}\" is not valid JSON", GATEWAY),
        Claims(Broken::NotAnObject) => ("setting \"{setting}\" is not a JSON object", GATEWAY),
        Claims(Broken::Nul) => (
            "setting \"{setting}\" holds a string with \\u0000",
            "Postgres text cannot hold that character. Refuse such tokens at the gateway.",
        ),
        Claims(Broken::LoneSurrogate) => (
            "setting \"{setting}\" holds a string with half of a surrogate pair",
            "Half of a surrogate pair is not a character. Refuse such tokens at the gateway.",
        ),
        TooLong => ("setting \"{setting}\" is longer than 1 MiB", GATEWAY),
        NotInEncoding => (
            "setting \"{setting}\" is not valid in the encoding of the database",
            "The gateway must set client_encoding to the encoding of the text that it sends.",
        ),
        LacksCharacter => (
            "setting \"{setting}\" holds a character that the encoding of the database lacks",
            "Remove such claims from the token, or use a database with the encoding UTF8.",
        ),
        NotJsonb => (
            "setting \"{setting}\" holds a value that jsonb cannot represent",
            "A number is out of range, or a value is nested too deeply. Read single claims with workos_claim().",
        ),
        Refused(refusal) => refused(refusal),
        SessionHasEnded => (
            "the session of the access token has ended, as the directory says",
            "See in WorkOS whether the session, the user and the membership are active. A user who was added again needs a new access token.",
        ),
        SourceIsRequest => (
            "workos_authenticate() requires the setting \"workos.claims_source\" to be \"token\"",
            "As a superuser, set it for the database: ALTER DATABASE ... SET workos.claims_source = 'token'.",
        ),
        SourceRefused => (
            "setting \"workos.claims_source\" has a value at connection start that is not accepted",
            "The value is invalid, or the client may not set it. Correct it, or remove it from the connection options, and reconnect.",
        ),
        NotAnIssuer => (
            "issuer is not a URL",
            "Pass the claim \"iss\" of your tokens, for example https://api.workos.com/user_management/<client_id>.",
        ),
        Unfit(unfit) => (
            match unfit {
                Unfit::NotAKeySet => "keys are not a JSON Web Key Set",
                Unfit::NoKey => "key set holds no RSA key for RS256 signatures",
                Unfit::PrivateKey => "key set holds a private key",
                Unfit::WeakKey => "key set holds an RSA key of fewer than 2048 bits",
                Unfit::BrokenKey => "key set holds an RSA key that cannot be used",
                Unfit::RepeatedKid => "key set holds two keys with the same \"kid\"",
            },
            KEYS,
        ),
        KeysTooLong => ("key set is longer than 1 MiB", KEYS),
        NoIssuersTable => (
            "table of trusted issuers is missing",
            "The table belongs to the extension. Drop the extension pg_workos and create it again.",
        ),
        NoAudiencesTable => (
            "table of accepted audiences is missing",
            "The table belongs to the extension. Drop the extension pg_workos and create it again.",
        ),
        NotAKind => (
            "kind of token is neither \"session\" nor \"oauth\"",
            "Call workos_authenticate(token), or workos_authenticate(token, kind => 'oauth') for an application that acts for a user.",
        ),
        NoConfigurationTable => (
            "table of the configuration is missing",
            "The table belongs to the extension. Drop the extension pg_workos and create it again.",
        ),
        NotATrigger => (
            "workos_issuers_changed() was not called as a trigger",
            "Only the triggers on the table of trusted issuers may call it.",
        ),
        NoDirectory => (
            "there is no directory in this database",
            "Create the extension pg_workos_directory, and feed it with the events of WorkOS.",
        ),
        AlteredDirectory => (
            "the directory is not as its extension made it",
            "A table or a function in the schema workos was changed, or given to another role. Drop the extension pg_workos_directory and create it again.",
        ),
        NotAMembership => (
            "membership is neither \"token\" nor \"newest\"",
            "With token, the token decides. With newest, the newer of token and directory decides.",
        ),
        OutOfMemory => (
            "out of memory",
            "Reading claims or keys takes up to 64 times their size. Give the server more memory, or make them smaller.",
        ),
    }
}

fn refused(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::TooLong => ("access token is longer than 16 kB", TOKEN),
        Refusal::Malformed => ("access token is malformed", TOKEN),
        Refusal::WrongAlgorithm => {
            ("access token is not signed with RS256", "WorkOS signs access tokens with RS256 only.")
        }
        Refusal::Critical => (
            "access token has a critical header extension",
            "Access tokens from WorkOS have no header parameter \"crit\".",
        ),
        Refusal::LacksClaim => (
            "access token lacks claim iss, sub or exp, or has one of the wrong type",
            "Every access token from WorkOS has these three claims.",
        ),
        Refusal::UnknownIssuer => (
            "access token is from an unknown issuer",
            "The owner of the extension can add an issuer with workos_trust_issuer().",
        ),
        Refusal::UnknownKey => (
            "access token is signed with an unknown key",
            "The owner of the extension can update the keys of an issuer with workos_trust_issuer().",
        ),
        Refusal::BadSignature => ("access token has a bad signature", TOKEN),
        Refusal::WrongAudience => ("access token is for another audience", AUDIENCE),
        Refusal::WrongClient => ("access token belongs to another application", OURS),
        Refusal::Expired => ("access token has expired", ANOTHER),
        Refusal::NotYetValid => ("access token is not yet valid", "Check the clock of the server."),
        Refusal::NotASession => (
            "access token is not the token of a user session",
            "Only the token of a user session can sign in a user. workos_verify() accepts tokens of every kind.",
        ),
        Refusal::NotDelegated => (
            "access token is not of an application that acts for a user",
            "With kind => 'oauth', only such a token can sign in. workos_authenticate(token) takes the token of a user session.",
        ),
    }
}

/// As Postgres warns of SET LOCAL outside of a transaction.
pub fn warn_alone() {
    ErrorReport::new(
        ERRCODE_NO_ACTIVE_SQL_TRANSACTION,
        "workos_authenticate() has no effect on later statements outside of a transaction",
        "pg_workos",
    )
    .set_hint("The user is signed in until the end of the transaction. Call it after BEGIN.")
    .report(PgLogLevel::WARNING);
}
