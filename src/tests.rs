use std::ffi::c_char;

use pgrx::prelude::*;

use crate::current::PARSED;
use crate::postgres;
use crate::settings::guc::{Text, reserve_prefix};

fn set_claims(claims: &str) {
    Spi::run_with_args("select set_config('request.jwt.claims', $1, true)", &[claims.into()]).unwrap();
}

fn answer(call: &str) -> Option<String> {
    Spi::get_one(&format!("select ({call})::text")).unwrap()
}

/// The number of texts that `calls` parses.
fn parsed(calls: impl FnOnce()) -> usize {
    let before = PARSED.get();
    calls();
    PARSED.get() - before
}

#[pg_schema]
mod tests {
    use super::*;

    #[pg_test]
    fn a_text_is_parsed_once() {
        set_claims(r#"{"sid":"session_1","sub":"user_once"}"#);
        assert_eq!(parsed(|| assert_eq!(answer("workos_user_id()").as_deref(), Some("user_once"))), 1);
        let many = "(select count(workos_user_id()) from generate_series(1, 1000))";
        assert_eq!(parsed(|| assert_eq!(answer(many).as_deref(), Some("1000"))), 0);
        assert_eq!(
            parsed(|| assert_eq!(answer("workos_claims() ->> 'sub'").as_deref(), Some("user_once"))),
            0
        );
    }

    #[pg_test]
    fn another_text_is_parsed_anew_and_an_equal_one_is_not() {
        set_claims(r#"{"sid":"session_1","sub":"user_a"}"#);
        answer("workos_user_id()");
        assert_eq!(parsed(|| set_claims(r#"{"sid":"session_1","sub":"user_a"}"#)), 0);
        assert_eq!(parsed(|| assert_eq!(answer("workos_user_id()").as_deref(), Some("user_a"))), 0);
        set_claims("");
        assert_eq!(parsed(|| assert_eq!(answer("workos_user_id()"), None)), 0);
        set_claims(r#"{"sid":"session_1","sub":"user_a"}"#);
        assert_eq!(parsed(|| assert_eq!(answer("workos_user_id()").as_deref(), Some("user_a"))), 0);
        // A text of the same length is most likely stored at the same address.
        set_claims(r#"{"sid":"session_1","sub":"user_b"}"#);
        assert_eq!(parsed(|| assert_eq!(answer("workos_user_id()").as_deref(), Some("user_b"))), 1);
        // A prefix of the parsed text, and a text that starts with the parsed text.
        set_claims("{}");
        assert_eq!(parsed(|| assert_eq!(answer("workos_token_kind()").as_deref(), Some("other"))), 1);
        set_claims("{} ");
        assert_eq!(parsed(|| assert_eq!(answer("workos_token_kind()").as_deref(), Some("other"))), 1);
    }

    #[pg_test]
    fn what_is_remembered_is_asked_for_its_time() {
        set_claims(r#"{"sid":"session_1","sub":"user_late","exp":1}"#);
        assert_eq!(parsed(|| assert_eq!(answer("workos_user_id()"), None)), 1);
        assert_eq!(parsed(|| assert_eq!(answer("workos_claims()"), None)), 0);
    }

    #[pg_test]
    fn broken_claims_are_not_remembered() {
        set_claims(r#"{"sid":"session_1","sub":"user_good"}"#);
        answer("workos_user_id()");
        set_claims(r#"{"sid":"session_1","sub":"user_bad""#);
        let refused = PgTryBuilder::new(|| answer("workos_user_id()").is_some())
            .catch_when(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, |_| false)
            .execute();
        assert!(!refused);
        set_claims(r#"{"sid":"session_1","sub":"user_good"}"#);
        assert_eq!(parsed(|| assert_eq!(answer("workos_user_id()").as_deref(), Some("user_good"))), 0);
    }

    #[pg_test(error = "setting \"request.jwt.claims\" is not valid JSON")]
    fn broken_claims_are_refused() {
        set_claims("{");
        answer("workos_has_permission('p')");
    }

    #[pg_test(error = "setting \"request.jwt.claims\" is not a JSON object")]
    fn claims_that_are_no_object_are_refused() {
        set_claims("[]");
        answer("workos_user_id()");
    }

    #[pg_test]
    fn a_library_that_defines_the_setting_is_heard() {
        static THEIRS: Text = Text::new(c"request.jwt.claims");
        #[pg_guard]
        extern "C-unwind" fn show() -> *const c_char {
            c"".as_ptr()
        }
        set_claims(r#"{"sid":"session_1","sub":"user_before"}"#);
        assert_eq!(answer("workos_user_id()").as_deref(), Some("user_before"));
        THEIRS.define(c"", c"", 0, show);
        assert_eq!(answer("workos_user_id()").as_deref(), Some("user_before"));
        THEIRS.set_local(cr#"{"sid":"session_1","sub":"user_after"}"#);
        assert_eq!(answer("workos_user_id()").as_deref(), Some("user_after"));
        THEIRS.set_local(c"");
        assert_eq!(answer("workos_user_id()"), None);
    }

    #[pg_test]
    fn a_library_that_reserves_the_prefix_is_heard_in_the_next_statement() {
        set_claims(r#"{"sid":"session_1","sub":"user_before"}"#);
        assert_eq!(answer("workos_user_id()").as_deref(), Some("user_before"));
        reserve_prefix(c"request");
        postgres::start_statement();
        assert_eq!(answer("current_setting('request.jwt.claims', true)"), None);
        assert_eq!(answer("workos_user_id()"), None);
    }
}
