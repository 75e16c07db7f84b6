//! What looks like a secret: by the name of a variable, or by the form of its value.

/// Parts of the name of a variable that holds a secret.
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
/// Ends of such a part.
const ENDS: [&str; 2] = ["PASSWORD", "PASSWD"];
/// What a key is for that is a secret: `API_KEY`.
const KEYS: [&str; 4] = ["API", "ACCESS", "PRIVATE", "ENCRYPTION"];
/// Last parts of names that tell where a secret is, or something else about it.
const ABOUT: [&str; 12] = [
    "FILE", "PATH", "DIR", "ID", "NAME", "URL", "URI", "TTL", "TYPE", "HEADER", "LIMIT", "LENGTH",
];
/// How tokens of well-known services begin, and how long they are at least.
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

/// Whether a variable of this name holds a secret, as far as the name tells. Keys of the build file have a `-`, and are
/// none.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let parts: Vec<&str> = name.split('_').collect();
    if name.contains('-') || parts.last().is_some_and(|last| ABOUT.contains(last)) {
        return false;
    }
    let alone = parts
        .iter()
        .any(|part| WORDS.contains(part) || ENDS.iter().any(|end| part.ends_with(end)));
    let key = parts
        .windows(2)
        .any(|pair| KEYS.contains(&pair[0]) && pair[1] == "KEY");
    alone || key
}

/// Whether the value itself has the form of a secret.
#[must_use]
pub fn is_secret_value(value: &str) -> bool {
    let token = TOKENS
        .iter()
        .any(|(start, length)| value.starts_with(start) && value.len() >= *length);
    let (_, credentials) = value.split_once("://").unwrap_or_default();
    let authority = credentials.split(['/', '?', '#']).next();
    let password = authority
        .and_then(|authority| authority.rsplit_once('@'))
        .and_then(|(user, _)| user.split_once(':'))
        .is_some_and(|(_, password)| !password.is_empty());
    token || password || (value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----"))
}

/// The text with a `*` in place of each character of what looks like a secret: values in quotes that are given to a name
/// of one, and words with the form of one.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some(open) = rest.find(['"', '\'']) {
            let (before, from) = rest.split_at(open);
            let quote = &from[..1];
            let end = closing(&from[1..], quote);
            let value = &from[1..=end];
            shown.push_str(before);
            shown.push_str(quote);
            if is_secret_value(value) || assigned(before).is_some_and(is_secret_name) {
                shown.extend(
                    value
                        .chars()
                        .map(|char| if char == '\n' { char } else { '*' }),
                );
            } else {
                shown.push_str(value);
            }
            let close = &from[1 + end..];
            let quote_length = usize::from(close.starts_with(quote));
            shown.push_str(&close[..quote_length]);
            rest = &close[quote_length..];
        }
        shown.push_str(rest);
    }
    shown
}

/// Where the quoted text ends.
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

/// The name that ends `text` before a `=`.
fn assigned(text: &str) -> Option<&str> {
    let name = text.trim_end().strip_suffix('=')?.trim_end();
    let in_name = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    name.rsplit(|char| !in_name(char)).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
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
    fn values_of_secrets() {
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
    fn secrets_are_masked_and_all_else_is_kept() {
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
            ("", ""),
        ] {
            assert_eq!(mask(text), shown);
        }
    }
}
