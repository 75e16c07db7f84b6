//! The JSON Schema as a tree of the values that each key takes.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::de::DeValue;

/// The `format` of ports.
const PORT: &str = "port";

/// What a key or a list item takes: a value of any one of these forms.
pub(in crate::build_file) struct Shape {
    pub(super) forms: Vec<Form>,
    /// A value that fits, from the schema.
    pub(super) example: Option<Value>,
    /// What it is for, from the schema.
    pub(in crate::build_file) description: Option<String>,
}

pub(super) enum Form {
    String,
    /// A string in a format of its own, which no other value can be turned into.
    Formatted,
    Integer,
    Boolean,
    /// This string.
    Constant(String),
    List {
        items: Box<Shape>,
        /// Whether the items are a program and its arguments.
        command: bool,
    },
    /// A table with these keys.
    Table(BTreeMap<String, Shape>),
    /// A table with names of the user's choice.
    Map(Box<Shape>),
}

impl Shape {
    pub(super) fn of_schema(schema: &Value) -> Self {
        Self::of_node(schema, schema)
    }

    fn of_node(schema: &Value, node: &Value) -> Self {
        let mut shape = Self {
            forms: Vec::new(),
            example: None,
            description: None,
        };
        shape.add(schema, node, false);
        shape
    }

    fn add(&mut self, schema: &Value, node: &Value, command: bool) {
        let example = node.pointer("/examples/0");
        self.example = self.example.take().or_else(|| example.cloned());
        let description = node.get("description").and_then(Value::as_str);
        let description = || description.map(str::to_owned);
        self.description = self.description.take().or_else(description);
        if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            let target = schema.pointer(reference.trim_start_matches('#'));
            self.add(
                schema,
                target.unwrap_or(&Value::Null),
                reference.ends_with("/Exec"),
            );
        }
        for options in ["anyOf", "oneOf"] {
            let options = node.get(options).and_then(Value::as_array);
            for option in options.into_iter().flatten() {
                self.add(schema, option, false);
            }
        }
        let child = |key: &str| {
            let child = node.get(key).unwrap_or(&Value::Null);
            Box::new(Self::of_node(schema, child))
        };
        let types = match node.get("type") {
            Some(Value::Array(types)) => types.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let constants = node.get("enum").and_then(Value::as_array);
        let constants = constants.into_iter().flatten().chain(node.get("const"));
        let constants = constants.filter_map(Value::as_str).map(str::to_owned);
        let constants: Vec<Form> = constants.map(Form::Constant).collect();
        if !constants.is_empty() {
            self.forms.extend(constants);
            return;
        }
        let is_formatted = node.get("format").and_then(Value::as_str) == Some(PORT);
        // Other strings with a pattern are references to build arguments: what is checked is the argument's value.
        let is_reference = !is_formatted && node.get("pattern").is_some();
        for name in types.iter().filter_map(Value::as_str) {
            self.forms.push(match name {
                "string" if is_formatted => Form::Formatted,
                "string" if !is_reference => Form::String,
                "integer" => Form::Integer,
                "boolean" => Form::Boolean,
                "array" => Form::List {
                    items: child("items"),
                    command,
                },
                "object" => match node.get("properties").and_then(Value::as_object) {
                    Some(keys) => Form::Table(
                        keys.iter()
                            .map(|(key, node)| (key.clone(), Self::of_node(schema, node)))
                            .collect(),
                    ),
                    None => Form::Map(child("additionalProperties")),
                },
                _ => continue,
            });
        }
    }

    /// The keys of the table, if it is one.
    pub(super) fn keys(&self) -> Option<&BTreeMap<String, Self>> {
        self.forms.iter().find_map(|form| match form {
            Form::Table(keys) => Some(keys),
            _ => None,
        })
    }

    /// The items of the list, if it is one.
    pub(super) fn items(&self) -> Option<&Self> {
        self.forms.iter().find_map(|form| match form {
            Form::List { items, .. } => Some(&**items),
            _ => None,
        })
    }

    /// The values of a table with free names, if it is one.
    pub(super) fn values(&self) -> Option<&Self> {
        self.forms.iter().find_map(|form| match form {
            Form::Map(values) => Some(&**values),
            _ => None,
        })
    }

    /// The form that the value is most likely meant to have. Of two kinds of lists, the one that takes an item decides, and a
    /// later kind if both do.
    pub(super) fn form_of(&self, value: &DeValue<'_>) -> Option<&Form> {
        let items = value.as_array();
        let has_item = |form: &&Form| match form {
            Form::List { items: known, .. } => items
                .into_iter()
                .flat_map(|items| items.iter())
                .any(|item| known.form_of(item.get_ref()).is_some()),
            _ => false,
        };
        let forms = || self.forms.iter().filter(|form| form.takes(value));
        forms().rev().find(has_item).or_else(|| forms().next())
    }

    /// What the key at this path of the schema takes.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |shape, key| {
            let table = shape.items().unwrap_or(shape);
            table
                .keys()
                .map_or_else(|| table.values(), |keys| keys.get(key))
        })
    }

    pub(in crate::build_file) fn toml_example(&self) -> Option<String> {
        let example = toml::Value::try_from(self.example.as_ref()?).ok()?;
        Some(example.to_string())
    }

    /// The strings that it takes, if it takes no other value.
    pub(super) fn constants(&self) -> Option<Vec<&str>> {
        let texts = self.forms.iter().map(|form| match form {
            Form::Constant(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// What it takes, in words.
    pub(super) fn expected(&self) -> String {
        let mut words: Vec<String> = self.forms.iter().map(Form::expected).collect();
        words.dedup();
        match words.as_slice() {
            [] => "nothing".to_owned(),
            [one] => one.clone(),
            [head @ .., last] => format!("{} or {last}", head.join(", ")),
        }
    }
}

impl Form {
    /// Whether the value is of this form; of lists and tables, not whether their content is.
    pub(super) fn takes(&self, value: &DeValue<'_>) -> bool {
        match (self, value) {
            (Self::String | Self::Formatted, DeValue::String(_))
            | (Self::Boolean, DeValue::Boolean(_))
            | (Self::List { .. }, DeValue::Array(_))
            | (Self::Table(_) | Self::Map(_), DeValue::Table(_)) => true,
            (Self::Integer, DeValue::Integer(_)) => integer(value).is_some(),
            (Self::Constant(constant), DeValue::String(text)) => constant == text,
            _ => false,
        }
    }

    fn expected(&self) -> String {
        match self {
            Self::String | Self::Formatted => "a string".to_owned(),
            Self::Integer => "a whole number".to_owned(),
            Self::Boolean => "a boolean".to_owned(),
            Self::Constant(text) => format!("`\"{text}\"`"),
            Self::List { items, .. } if items.keys().is_some() => "a list of tables".to_owned(),
            Self::List { .. } => "a list".to_owned(),
            Self::Table(_) | Self::Map(_) => "a table".to_owned(),
        }
    }
}

/// The number, if it is one that a key can have.
pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}
