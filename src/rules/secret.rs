//! Recognises secrets by the name of a variable or the format of its value.

/// Words in the name of a variable that contains a secret.
const WORDS: [&str; 8] = [
    "PASSPHRASE",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
];
/// Suffixes of such a word.
const SUFFIXES: [&str; 2] = ["PASSWORD", "PASSWD"];
/// Words that make a following `KEY` a secret, as in `API_KEY`.
const KEYS: [&str; 4] = ["API", "ACCESS", "PRIVATE", "ENCRYPTION"];
/// Last words of names that describe a secret or locate it, but are not one.
const ATTRIBUTES: [&str; 12] = [
    "FILE", "PATH", "DIR", "ID", "NAME", "URL", "URI", "TTL", "TYPE", "HEADER", "LIMIT", "LENGTH",
];
/// The prefixes of tokens of well-known services, and their minimum lengths.
const TOKENS: [(&str, usize); 11] = [
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("pypi-", 40),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("sk_live_", 20),
];

/// Whether the name of a variable suggests a secret. Names with a `-` are keys of the build file, not variables.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split('_').collect();
    if name.contains('-') || words.last().is_some_and(|last| ATTRIBUTES.contains(last)) {
        return false;
    }
    let word = words
        .iter()
        .any(|word| WORDS.contains(word) || SUFFIXES.iter().any(|suffix| word.ends_with(suffix)));
    let key = words
        .windows(2)
        .any(|pair| KEYS.contains(&pair[0]) && pair[1] == "KEY");
    word || key
}

/// Whether the value has the format of a secret.
#[must_use]
pub fn is_secret_value(value: &str) -> bool {
    let token = TOKENS
        .iter()
        .any(|(prefix, length)| value.starts_with(prefix) && value.len() >= *length);
    let (_, credentials) = value.split_once("://").unwrap_or_default();
    let authority = credentials.split(['/', '?', '#']).next();
    let password = authority
        .and_then(|authority| authority.rsplit_once('@'))
        .and_then(|(user, _)| user.split_once(':'))
        .is_some_and(|(_, password)| !password.is_empty());
    token || password || (value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----"))
}

/// Whether a variable with this name and value, or a word of the value, is a secret.
#[must_use]
pub fn is_secret(name: &str, value: &str) -> bool {
    is_secret_name(name) && is_free_text(value) || has_secret(value)
}

/// Whether a value is a secret, or has one as a word.
#[must_use]
pub fn has_secret(value: &str) -> bool {
    let is_around =
        |char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '=' | ':' | ',');
    is_secret_value(value)
        || value.split(is_around).any(is_secret_value)
        || value
            .split_whitespace()
            .any(|word| is_secret_value(word.trim_matches(['"', '\''])))
}

/// Whether a value could be a password: not a boolean, a number or a path.
#[must_use]
pub fn is_free_text(value: &str) -> bool {
    let plain = ["", "true", "false", "yes", "no"].contains(&value.to_ascii_lowercase().as_str());
    !plain && !value.starts_with('/') && value.parse::<f64>().is_err()
}

/// Replaces each character of a secret by `*`: quoted values assigned to the name of a secret, values in the format of a
/// secret, and everything after `NAME=` inside a quoted value.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some(open) = rest.find(['"', '\'']) {
            let (before, from) = rest.split_at(open);
            let quote = &from[..1];
            let end = closing(&from[1..], quote);
            let value = &from[1..=end];
            masked.push_str(before);
            masked.push_str(quote);
            let is_secret = is_secret_value(value) || assigned(before).is_some_and(is_secret_name);
            let start = if is_secret { 0 } else { secret_start(value) };
            masked.push_str(&value[..start]);
            masked.extend(value[start..].chars().map(|_| '*'));
            let close = &from[1 + end..];
            let quote_length = usize::from(close.starts_with(quote));
            masked.push_str(&close[..quote_length]);
            rest = &close[quote_length..];
        }
        masked.push_str(rest);
    }
    without_tokens(masked)
}

/// Masks the tokens of well-known services wherever they are.
fn without_tokens(mut text: String) -> String {
    let in_token = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    for (prefix, shortest) in TOKENS {
        let mut from = 0;
        while let Some(at) = text[from..].find(prefix).map(|at| from + at) {
            let length = text[at..].find(|char| !in_token(char));
            let end = at + length.unwrap_or(text.len() - at);
            let starts = !text[..at].ends_with(in_token);
            if starts && end - at >= shortest {
                text.replace_range(at..end, &"*".repeat(end - at));
            }
            from = end;
        }
    }
    text
}

/// Where the first secret after `NAME=` starts; the end of the text if there is none.
fn secret_start(text: &str) -> usize {
    text.match_indices('=')
        .map(|(at, _)| at + 1)
        .find(|&start| assigned(&text[..start]).is_some_and(is_secret_name))
        .unwrap_or(text.len())
}

/// The offset of the closing quote, or of the end of the line.
fn closing(text: &str, quote: &str) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        if char == '\n' || (!escaped && quote.contains(char)) {
            return at;
        }
        escaped = char == '\\' && !escaped && quote == "\"";
    }
    text.len()
}

/// The name before the `=` at the end of `text`.
fn assigned(text: &str) -> Option<&str> {
    let name = text.trim_end().strip_suffix('=')?.trim_end();
    let in_name = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    name.rsplit(|char| !in_name(char)).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_recognised_by_name() {
        for name in [
            "PASSWORD",
            "DB_PASSWORD",
            "PGPASSWORD",
            "DJANGO_SECRET_KEY",
            "api_key",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PORT",
            "TOKENIZERS_PARALLELISM",
            "PASSWORD_FILE",
            "TOKEN_URL",
            "MAX_TOKEN_LENGTH",
            "KEYBOARD",
            "password-secret",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_recognised_by_value() {
        assert!(is_secret_value(&format!("ghp_{}", "a".repeat(36))));
        assert!(is_secret_value("postgresql://me:hidden@db/app"));
        assert!(is_secret_value("-----BEGIN RSA PRIVATE KEY-----\n"));
        for value in [
            "",
            "8000",
            "postgresql://me@db/app",
            "http://host:80/a@b:c",
            "AKIA",
        ] {
            assert!(!is_secret_value(value), "{value}");
        }
    }

    #[test]
    fn only_secrets_are_masked() {
        for (text, shown) in [
            ("API_TOKEN = \"abc\" # x", "API_TOKEN = \"***\" # x"),
            (
                "env = { A = \"b\", PASSWORD = 'c\"ö' }\n",
                "env = { A = \"b\", PASSWORD = '***' }\n",
            ),
            ("TOKEN = \"a\\\"b", "TOKEN = \"****"),
            ("TOKEN = \"", "TOKEN = \""),
            ("TOKEN = \"a\nb\n", "TOKEN = \"*\nb\n"),
            ("url = \"x://a:b@c\"", "url = \"*********\""),
            ("token-secret = \"corp\"", "token-secret = \"corp\""),
            (
                "run = \"a -H ghp_012345678901234567890123456789 b\" # AKIA0123456789012345,",
                "run = \"a -H ********************************** b\" # ********************,",
            ),
            (
                "xghp_012345678901234567890123456789 ghp_1",
                "xghp_012345678901234567890123456789 ghp_1",
            ),
            ("", ""),
        ] {
            assert_eq!(mask(text), shown);
        }
    }

    #[test]
    fn secrets_in_lists_of_variables_are_masked() {
        for (text, masked) in [
            (
                "env = [\"PORT=8000\", \"API_TOKEN=a=b c\", 'PASSWORD=ö']\n",
                "env = [\"PORT=8000\", \"API_TOKEN=*****\", 'PASSWORD=*']\n",
            ),
            ("  \"API_TOKEN=hidden", "  \"API_TOKEN=******"),
            (
                "run = \"A=1 API_KEY=hidden serve\"",
                "run = \"A=1 API_KEY=************\"",
            ),
            (
                "url = \"https://host/?api_token=x\"",
                "url = \"https://host/?api_token=*\"",
            ),
            (
                "env = [\"API_TOKEN=\", \"x\"]",
                "env = [\"API_TOKEN=\", \"x\"]",
            ),
            (
                "env = [\"TOKEN_URL=https://host/\"]",
                "env = [\"TOKEN_URL=https://host/\"]",
            ),
        ] {
            assert_eq!(mask(text), masked);
        }
    }
}
