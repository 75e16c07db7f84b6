//! Days, for exceptions that end.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u64,
    month: u64,
    day: u64,
}

impl Date {
    /// Parses `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next()?;
            let right = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u64>().ok().filter(|_| right)
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        if parts.next().is_some() || !(1..=12).contains(&month) {
            return None;
        }
        (1..=days(year, month))
            .contains(&day)
            .then_some(Self { year, month, day })
    }

    /// The day, in UTC, of a time in seconds since 1970; the latest one that can be written for a time far in the future.
    #[must_use]
    pub fn of_seconds(seconds: u64) -> Self {
        let mut rest = seconds / 86_400;
        // Whole cycles of the calendar, of 400 years each.
        let mut year = 1970 + rest / 146_097 * 400;
        rest %= 146_097;
        while rest >= 365 + u64::from(is_leap(year)) {
            rest -= 365 + u64::from(is_leap(year));
            year += 1;
        }
        let mut month = 1;
        while rest >= days(year, month) {
            rest -= days(year, month);
            month += 1;
        }
        Self {
            year,
            month,
            day: rest + 1,
        }
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn days_exist_and_follow_each_other() {
        for invalid in [
            "2027-2-01",
            "2027-02-29",
            "2027-13-01",
            "2027-00-01",
            "27-01-01",
            "x",
            "2027-01-01-01",
            "2027-01-00",
            "2100-02-29",
        ] {
            assert_eq!(Date::parse(invalid), None, "{invalid}");
        }
        // `date -u -d @SECONDS +%F`
        for (seconds, day) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (1_798_675_200, "2026-12-31"),
            (4_107_542_400, "2100-03-01"),
            (253_402_300_799, "9999-12-31"),
        ] {
            assert_eq!(Date::of_seconds(seconds).to_string(), day);
            assert_eq!(Date::parse(day), Some(Date::of_seconds(seconds)));
        }
        assert!(Date::parse("2027-01-31") < Date::parse("2027-02-01"));
        assert!(Date::of_seconds(u64::MAX) > Date::of_seconds(0));
    }
}
