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
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| (error.marker().line(), error.info().to_owned()))?;
        let line = span.start.line();
        if matches!(event, Event::DocumentEnd | Event::StreamEnd) {
            break;
        }
        let root = reader.event(event, line);
        if let Some(root) = root.map_err(|reason| (line, reason.to_owned()))? {
            return Ok(Some(root));
        }
    }
    Ok(None)
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    /// How many values there are, with those of aliases.
    count: usize,
}

impl Reader {
    /// The root, if it ends here.
    fn event(&mut self, event: Event<'_>, line: usize) -> Result<Option<Node>, &'static str> {
        let node = |value| Node { value, line };
        let (node, anchor) = match event {
            Event::Scalar(text, _, anchor, _) => (node(Value::Scalar(text.into_owned())), anchor),
            Event::SequenceStart(anchor, _) => {
                return self.start(node(Value::List(Vec::new())), anchor);
            }
            Event::MappingStart(anchor, _) => {
                return self.start(node(Value::Map(Vec::new())), anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(done) => (done.node, done.anchor),
                None => return Ok(None),
            },
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor);
                let node = node.ok_or("an alias is used in its own value")?;
                self.count += node.count();
                (node.clone(), 0)
            }
            _ => return Ok(None),
        };
        self.count += 1;
        if self.count > LARGEST {
            return Err("the file has too many values");
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            return Ok(Some(node));
        };
        add(parent, node);
        Ok(None)
    }

    fn start(&mut self, node: Node, anchor: usize) -> Result<Option<Node>, &'static str> {
        self.open.push(Open {
            node,
            anchor,
            key: None,
        });
        if self.open.len() > DEEPEST {
            return Err("the values are nested too deeply");
        }
        Ok(None)
    }
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
