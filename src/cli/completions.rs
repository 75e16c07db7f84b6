//! `completions`: scripts that complete the commands in a shell.

use std::fmt::Write as _;

use super::arguments::{Arguments, Operand};
use super::command::{Command, NAME, Outcome};
use super::error::Error;
use super::help::options;
use super::output;

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// `run` calls [`run`] with the table of all commands, which this command is part of.
pub(super) const fn command(run: fn(&Arguments) -> Result<Outcome, Error>) -> Command {
    Command {
        name: "completions",
        about: "write shell completions",
        details: "Put them where your shell looks for them, for example:
  poetry-frontend completions bash > ~/.local/share/bash-completion/completions/poetry-frontend
  poetry-frontend completions zsh > ~/.zfunc/_poetry-frontend
  poetry-frontend completions fish > ~/.config/fish/completions/poetry-frontend.fish",
        operands: &[Operand {
            name: "SHELL",
            about: "`bash`, `zsh` or `fish`",
            required: true,
            repeated: false,
            choices: || SHELLS.to_vec(),
        }],
        options: &[],
        run,
    }
}

pub(super) fn run(arguments: &Arguments, commands: &[&Command]) -> Result<Outcome, Error> {
    let shell = arguments.operands.first().map_or("", String::as_str);
    let script = match shell {
        "bash" => bash(commands),
        "zsh" => zsh(commands),
        "fish" => fish(commands),
        other => {
            return Err(Error::InvalidOperand {
                found: other.to_owned(),
                known: SHELLS.to_vec(),
            });
        }
    };
    output::text(&script)?;
    Ok(Outcome::Success)
}

/// The options and possible operands of a command.
fn words(command: &Command) -> String {
    let options = options(command).map(|option| format!("--{}", option.name));
    let operands = command
        .operands
        .iter()
        .flat_map(|operand| (operand.choices)());
    let all: Vec<String> = options.chain(operands.map(str::to_owned)).collect();
    all.join(" ")
}

fn bash(commands: &[&Command]) -> String {
    let names: Vec<&str> = commands.iter().map(|command| command.name).collect();
    let mut cases = String::new();
    let mut values = String::new();
    for command in commands {
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
        names.join(" ")
    )
}

fn zsh(commands: &[&Command]) -> String {
    let mut descriptions = String::new();
    let mut cases = String::new();
    for command in commands {
        let _ = writeln!(
            descriptions,
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
            .flat_map(|operand| (operand.choices)())
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
{descriptions}    )
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

fn fish(commands: &[&Command]) -> String {
    let mut script = format!("complete -c {NAME} -f\n");
    for command in commands {
        let _ = writeln!(
            script,
            "complete -c {NAME} -n __fish_use_subcommand -a {} -d '{}'",
            command.name,
            quoted(command.about)
        );
        let condition = format!("-n '__fish_seen_subcommand_from {}'", command.name);
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
                "complete -c {NAME} {condition}{short} -l {}{value} -d '{}'",
                option.name,
                quoted(option.about)
            );
        }
        for operand in command.operands {
            let known = (operand.choices)();
            let completion = if known.is_empty() {
                "-F".to_owned()
            } else {
                format!("-a '{}'", known.join(" "))
            };
            let _ = writeln!(script, "complete -c {NAME} {condition} {completion}");
        }
    }
    script
}

/// Text for a string in `'`.
fn quoted(text: &str) -> String {
    text.replace(['\'', '`'], "")
}
