//! YAML as values with their lines, as far as compose files need it.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

/// More values than this are no compose file; aliases could make many of a few.
const LARGEST: usize = 20_000;
const DEEPEST: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) value: Value,
    /// From 1.
    pub(super) line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.entries()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = match &self.value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    fn count(&self) -> usize {
        1 + match &self.value {
            Value::Scalar(_) => 0,
            Value::List(items) => items.iter().map(Self::count).sum(),
            Value::Map(entries) => entries.iter().map(|(_, value)| value.count()).sum(),
        }
    }
}

/// What is not finished yet, with its anchor.
struct Open {
    node: Node,
    anchor: usize,
    /// The key of the next value.
    key: Option<String>,
}

/// The first document.
///
/// # Errors
/// The line and the reason.
pub(super) fn parse(text: &str) -> Result<Option<Node>, (usize, String)> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, Node> = BTreeMap::new();
    let mut count = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| (error.marker().line(), error.info().to_owned()))?;
        let line = span.start.line();
        let start = |value, anchor| Open {
            node: Node { value, line },
            anchor,
            key: None,
        };
        let (node, anchor) = match event {
            Event::Scalar(text, _, anchor, _) => (
                Node {
                    value: Value::Scalar(text.into_owned()),
                    line,
                },
                anchor,
            ),
            Event::SequenceStart(anchor, _) => {
                open.push(start(Value::List(Vec::new()), anchor));
                if open.len() > DEEPEST {
                    return Err((line, "the values are nested too deeply".to_owned()));
                }
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push(start(Value::Map(Vec::new()), anchor));
                if open.len() > DEEPEST {
                    return Err((line, "the values are nested too deeply".to_owned()));
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(done) => (done.node, done.anchor),
                None => continue,
            },
            Event::Alias(anchor) => match anchors.get(&anchor) {
                Some(node) => {
                    count += node.count();
                    (node.clone(), 0)
                }
                None => return Err((line, "an alias is used in its own value".to_owned())),
            },
            Event::DocumentEnd | Event::StreamEnd => return Ok(None),
            _ => continue,
        };
        count += 1;
        if count > LARGEST {
            return Err((line, "the file has too many values".to_owned()));
        }
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        let Some(parent) = open.last_mut() else {
            return Ok(Some(node));
        };
        add(parent, node);
    }
    Ok(None)
}

fn add(parent: &mut Open, node: Node) {
    match &mut parent.node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.push(node),
        Value::Map(entries) => match parent.key.take() {
            None => {
                let key = match node.value {
                    Value::Scalar(text) => text,
                    Value::List(_) | Value::Map(_) => String::new(),
                };
                parent.key = Some(key);
            }
            Some(key) if key == "<<" => merge(entries, node),
            Some(key) => {
                entries.retain(|(known, _)| *known != key);
                entries.push((key, node));
            }
        },
    }
}

/// The entries of a merge key, which the map's own win over.
fn merge(entries: &mut Vec<(String, Node)>, node: Node) {
    match node.value {
        Value::Map(merged) => {
            for (key, value) in merged {
                if !entries.iter().any(|(known, _)| *known == key) {
                    entries.push((key, value));
                }
            }
        }
        Value::List(maps) => {
            for map in maps {
                if matches!(map.value, Value::Map(_)) {
                    merge(entries, map);
                }
            }
        }
        Value::Scalar(_) => {}
    }
}
