//! NumericDates in exact arithmetic; the core and Postgres use doubles.

use workos_claims::claims::Micros;

const EPOCH: i128 = 946_684_800_000_000;
/// 4713-11-24 BC, and the end of the year 294276.
pub const FIRST: Micros = -211_813_488_000_000_000;
pub const BEYOND_LAST: Micros = 9_223_371_331_200_000_000;

/// Microseconds since 2000. The value of a double differs by at most `slack`.
#[derive(Clone, Copy, Debug)]
pub struct Instant {
    pub micros: i128,
    slack: i128,
}

impl Instant {
    /// The instant of a JSON number, computed from its digits.
    pub fn of(number: &str) -> Instant {
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (negative, exponent_digits) = match exponent.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, exponent.strip_prefix('+').unwrap_or(exponent)),
        };
        let exponent: i64 = exponent_digits.parse().unwrap_or(i64::MAX).min(1 << 40);
        let exponent = if negative { -exponent } else { exponent };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole.trim_start_matches('-'), fraction].concat();
        let sign = if whole.starts_with('-') { -1 } else { 1 };

        // digits × 10^places, in microseconds
        let places = exponent - fraction.len() as i64 + 6;
        let digits = digits.trim_start_matches('0');
        let length = digits.len() as i64 + places;
        let size = if digits.is_empty() || length <= 0 {
            0
        } else if length > 30 {
            10i128.pow(30)
        } else {
            let kept: i128 = digits[..digits.len().min(length as usize)].parse().unwrap();
            kept * 10i128.pow((length as u32).saturating_sub(digits.len() as u32))
        };
        let micros = sign * size - EPOCH;
        // A double represents whole seconds of a few centuries exactly.
        let plain = fraction.is_empty() && exponent == 0 && micros.abs() < 1 << 53;
        let slack = if plain { 0 } else { 3 + ((size + EPOCH) >> 51) };
        Instant { micros, slack }
    }

    /// Whether the core may return this for it. A value that does not fit into a `timestamptz` is infinite.
    pub fn is(self, core: Micros) -> bool {
        let near = (i128::from(core) - self.micros).abs() <= self.slack;
        let (first, beyond) = (i128::from(FIRST), i128::from(BEYOND_LAST));
        match core {
            Micros::MIN => self.micros - self.slack < first,
            Micros::MAX => self.micros + self.slack >= beyond,
            _ => near && (FIRST..BEYOND_LAST).contains(&core),
        }
    }

    pub fn is_beyond_last(self) -> bool {
        self.micros >= BEYOND_LAST.into()
    }

    /// Whether `now`, a time of Postgres, is that instant or later; `None` if rounding of a double could change the result.
    pub fn reached(self, now: Micros, grace_seconds: i128) -> Option<bool> {
        let (now, first, beyond) = (i128::from(now), i128::from(FIRST), i128::from(BEYOND_LAST));
        let (earliest, latest) = (self.micros - self.slack, self.micros + self.slack);
        let bound = self.micros + grace_seconds * 1_000_000;
        if latest < first {
            Some(true)
        } else if earliest >= beyond {
            Some(false)
        } else if self.slack > 0
            && (earliest < first || latest >= beyond || (now - bound).abs() <= self.slack)
        {
            None
        } else {
            Some(now >= bound)
        }
    }
}
