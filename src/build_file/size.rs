//! Sizes in bytes.

use super::error::Error;

/// A size such as `200MB` or `1.5GiB`, in bytes.
pub(super) fn size(text: &str) -> Result<u64, Error> {
    const UNITS: [(&str, u64); 8] = [
        ("", 1),
        ("b", 1),
        ("kb", 1000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
    ];
    let invalid = || Error::Size(text.to_owned());
    let digits = text
        .find(|char: char| !char.is_ascii_digit() && char != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_lowercase();
    let (_, factor) = UNITS
        .into_iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(invalid)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.len() > 3 || number.ends_with('.') {
        return Err(invalid());
    }
    let whole: u64 = whole.parse().map_err(|_| invalid())?;
    let thousandths: u64 = format!("{fraction:0<3}").parse().map_err(|_| invalid())?;
    let bytes = whole
        .checked_mul(factor)
        .and_then(|bytes| bytes.checked_add(thousandths * factor / 1000));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("200MB", 200_000_000),
            ("1.5GiB", 1_610_612_736),
            ("10", 10),
            ("2 kb", 2000),
        ] {
            assert_eq!(size(text).unwrap(), bytes, "{text}");
        }
        for invalid in [
            "",
            "MB",
            "1.",
            "1.2.3MB",
            "-1MB",
            "1XB",
            "0",
            "99999999999GiB",
        ] {
            assert!(size(invalid).is_err(), "{invalid}");
        }
    }
}
