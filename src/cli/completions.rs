//! `completions`: what shells need to complete the commands.

use std::fmt::Write as _;

use super::help::options;
use super::{COMMANDS, Command, Error, Given, NAME, Operand, Outcome, output};

pub(super) const COMMAND: Command = Command {
    name: "completions",
    about: "write the completions of a shell",
    details: "Put them where your shell looks for them, such as
  poetry-frontend completions bash > ~/.local/share/bash-completion/completions/poetry-frontend
  poetry-frontend completions zsh > ~/.zfunc/_poetry-frontend
  poetry-frontend completions fish > ~/.config/fish/completions/poetry-frontend.fish",
    operands: &[Operand {
        name: "SHELL",
        about: "`bash`, `zsh` or `fish`",
        required: true,
        choices: || vec!["bash", "zsh", "fish"],
    }],
    options: &[],
    run,
};

fn run(given: &Given) -> Result<Outcome, Error> {
    let shell = given.operands.first().map_or("", String::as_str);
    let script = match shell {
        "bash" => bash(),
        "zsh" => zsh(),
        "fish" => fish(),
        other => {
            let known = COMMAND.operands.iter();
            return Err(Error::Operand {
                given: other.to_owned(),
                known: known.flat_map(|operand| (operand.choices)()).collect(),
            });
        }
    };
    output::text(&script)?;
    Ok(Outcome::Good)
}

fn names() -> String {
    COMMANDS.map(|command| command.name).join(" ")
}

/// All that may follow a command: its options, and what it takes where that is known.
fn words(command: &Command) -> String {
    let options = options(command).map(|option| format!("--{}", option.name));
    let operands = command
        .operands
        .iter()
        .flat_map(|operand| (operand.choices)());
    let all: Vec<String> = options.chain(operands.map(str::to_owned)).collect();
    all.join(" ")
}

fn bash() -> String {
    let mut cases = String::new();
    let mut values = String::new();
    for command in COMMANDS {
        let _ = writeln!(
            cases,
            "        {}) words='{}' ;;",
            command.name,
            words(command)
        );
        for option in options(command).filter(|option| !option.choices.is_empty()) {
            let case = format!("{}:--{}", command.name, option.name);
            let _ = writeln!(
                values,
                "        {case}) words='{}' ;;",
                option.choices.join(" ")
            );
        }
    }
    format!(
        "\
_poetry_frontend() {{
    local words='' word=${{COMP_WORDS[COMP_CWORD]}} last=${{COMP_WORDS[COMP_CWORD-1]}}
    if [ \"$COMP_CWORD\" -eq 1 ]; then
        words='{} --help --version'
    else
        case ${{COMP_WORDS[1]}} in
{cases}        esac
        case ${{COMP_WORDS[1]}}:$last in
{values}        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")
}}
complete -o default -F _poetry_frontend {NAME}
",
        names()
    )
}

fn zsh() -> String {
    let mut commands = String::new();
    let mut cases = String::new();
    for command in COMMANDS {
        let _ = writeln!(
            commands,
            "        '{}:{}'",
            command.name,
            quoted(command.about)
        );
        let _ = writeln!(
            cases,
            "        {})\n            _arguments \\",
            command.name
        );
        for option in options(command) {
            let value = match option.value_name() {
                None => String::new(),
                Some(_) if !option.choices.is_empty() => {
                    format!(": :({})", option.choices.join(" "))
                }
                Some(value) => format!(": :{}", if value == "FILE" { "_files" } else { " " }),
            };
            let about = quoted(option.about).replace('[', "(").replace(']', ")");
            let _ = writeln!(
                cases,
                "                '*--{}[{about}]{value}' \\",
                option.name
            );
        }
        let known: Vec<&str> = command
            .operands
            .iter()
            .flat_map(|one| (one.choices)())
            .collect();
        let operand = if known.is_empty() {
            "'*: :_files'".to_owned()
        } else {
            format!("'*: :({})'", known.join(" "))
        };
        let _ = writeln!(cases, "                {operand}\n            ;;");
    }
    format!(
        "\
#compdef {NAME}
_poetry_frontend() {{
    local commands=(
{commands}    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    case $words[2] in
{cases}    esac
}}
_poetry_frontend \"$@\"
"
    )
}

fn fish() -> String {
    let mut script = format!("complete -c {NAME} -f\n");
    for command in COMMANDS {
        let _ = writeln!(
            script,
            "complete -c {NAME} -n __fish_use_subcommand -a {} -d '{}'",
            command.name,
            quoted(command.about)
        );
        let seen = format!("-n '__fish_seen_subcommand_from {}'", command.name);
        for option in options(command) {
            let value = match option.value {
                None => String::new(),
                Some(_) if option.choices.is_empty() => " -r -F".to_owned(),
                Some(_) => format!(" -x -a '{}'", option.choices.join(" ")),
            };
            let short = option
                .short
                .map(|short| format!(" -s {short}"))
                .unwrap_or_default();
            let _ = writeln!(
                script,
                "complete -c {NAME} {seen}{short} -l {}{value} -d '{}'",
                option.name,
                quoted(option.about)
            );
        }
        for operand in command.operands {
            let known = (operand.choices)();
            let what = if known.is_empty() {
                "-F".to_owned()
            } else {
                format!("-a '{}'", known.join(" "))
            };
            let _ = writeln!(script, "complete -c {NAME} {seen} {what}");
        }
    }
    script
}

/// Text between two `'`.
fn quoted(text: &str) -> String {
    text.replace(['\'', '`'], "")
}
