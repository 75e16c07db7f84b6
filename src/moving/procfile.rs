//! A `Procfile`: the main process and others.

use super::commands::of_script;
use super::draft::{Draft, Origin, Taken, Target};
use super::targets;

/// Adds the process `web` if the image has no command yet, and the others as targets.
pub fn add(draft: &mut Draft, name: &str, text: &str) {
    let processes: Vec<(&str, Vec<String>, Origin)> = text
        .lines()
        .enumerate()
        .filter_map(|(number, line)| {
            let (process, command) = line
                .split_once(':')
                .filter(|_| !line.trim_start().starts_with('#'))?;
            let origin = Origin {
                file: name.to_owned(),
                line: number + 1,
            };
            let is_name = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
            let process = process.trim();
            let words = of_script(command.trim());
            let has_words =
                words.first().is_some_and(|word| !word.is_empty()) && !command.trim().is_empty();
            (has_words && !process.is_empty() && process.chars().all(is_name))
                .then_some((process, words, origin))
        })
        .collect();
    let has_command = draft.main.entrypoint.is_some() || draft.main.cmd.is_some();
    let main = processes.iter().find(|(process, ..)| *process == "web");
    if let Some((_, words, origin)) = main.filter(|_| !has_command) {
        draft.main.cmd = Some(Taken::new(words.clone(), origin));
    }
    for (process, words, origin) in &processes {
        let name = targets::name(process);
        let is_main = draft
            .main
            .cmd
            .as_ref()
            .is_some_and(|cmd| cmd.value == *words);
        if *process == "web" || is_main || draft.targets.contains_key(&name) {
            continue;
        }
        let mut image = draft.main.clone();
        image.entrypoint = None;
        image.expose.clear();
        image.healthcheck = None;
        image.cmd = Some(Taken::new(words.clone(), origin));
        let origin = origin.clone();
        draft.targets.insert(name, Target { image, origin });
    }
}
