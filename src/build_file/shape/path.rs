//! Where a value is in the file: the keys that lead to it.

/// The name that stands for the free names of a table in the schema and the docs.
pub(super) const NAME: &str = "NAME";
/// What the paths of targets begin with.
const TARGET: &str = "target.NAME";

#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    /// With `NAME` for free names.
    schema: String,
    /// As in the file.
    shown: String,
    /// The last key as in the file.
    key: String,
    /// Whether it is that of the items of a list.
    item: bool,
    /// The path of the target that it is in, as in the file.
    target: Option<String>,
}

impl Path {
    pub(super) fn child(&self, key: &str) -> Self {
        self.with(key, key)
    }

    /// A child whose name is of the user's choice.
    pub(super) fn named(&self, name: &str) -> Self {
        self.with(NAME, name)
    }

    /// The items of this list.
    pub(super) fn item(&self) -> Self {
        Self {
            item: true,
            ..self.clone()
        }
    }

    fn with(&self, in_schema: &str, name: &str) -> Self {
        let bare = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
        let key = if !name.is_empty() && name.chars().all(bare) {
            name.to_owned()
        } else {
            toml::Value::from(name).to_string()
        };
        let schema = join(&self.schema, in_schema);
        let shown = join(&self.shown, &key);
        let is_target = schema == TARGET;
        Self {
            target: is_target
                .then(|| shown.clone())
                .or_else(|| self.target.clone()),
            schema,
            shown,
            key,
            item: false,
        }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn is_item(&self) -> bool {
        self.item
    }

    /// Whether it is a key at the top of the file.
    pub(super) fn is_top_level(&self) -> bool {
        self.depth() == 1
    }

    /// How deep the table is.
    pub(super) fn depth(&self) -> usize {
        self.schema.split('.').filter(|key| !key.is_empty()).count()
    }

    /// `[TABLE]`, or `[[TABLE]]` for a list of tables.
    pub(super) fn header(&self) -> String {
        if self.item {
            format!("[[{}]]", self.shown)
        } else {
            format!("[{}]", self.shown)
        }
    }

    /// What an error says it is about.
    pub(super) fn subject(&self) -> String {
        if self.item {
            format!("each item of `{}`", self.key)
        } else {
            format!("`{}`", self.key)
        }
    }

    /// The path in the schema of the same table outside targets.
    pub(super) fn outside_targets(&self) -> &str {
        match self.schema.strip_prefix(TARGET) {
            Some(rest) => rest.strip_prefix('.').unwrap_or(rest),
            None => &self.schema,
        }
    }

    pub(super) fn is_in_target(&self) -> bool {
        self.schema.starts_with(TARGET)
    }

    /// A text about keys of targets with the name of the target that this path is in.
    pub(super) fn in_its_target(&self, text: String) -> String {
        match self.target.as_ref() {
            Some(target) => text.replacen(TARGET, target, 1),
            None => text,
        }
    }
}

pub(super) fn join(table: &str, key: &str) -> String {
    if table.is_empty() {
        key.to_owned()
    } else {
        format!("{table}.{key}")
    }
}
