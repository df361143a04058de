//! One walk over a body: known fields into slots, everything else aside.

use serde_json::{Map, Value as Json};
use wynos_base::hooks::is_secret;

use super::{
    cell::is_nothing,
    plan::{Node, Role},
};

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    /// The value of every slot that the body speaks of.
    pub slots: Vec<Option<&'a Json>>,
    /// The rows of child tables, where the body speaks of them.
    pub children: Vec<Option<&'a Json>>,
    /// The rows of other tables, where the body speaks of them.
    pub told: Vec<Option<&'a Json>>,
    /// Fields that are not known, and values where others were expected, under their paths.
    pub extra: Vec<(String, &'a Json)>,
    /// How many values were of a surprising kind.
    pub surprises: u64,
}

impl<'a> Found<'a> {
    /// Forgets the body before and makes room for this many slots and tables.
    pub fn begin(&mut self, slots: usize, children: usize, told: usize) {
        for (list, length) in [
            (&mut self.slots, slots),
            (&mut self.children, children),
            (&mut self.told, told),
        ] {
            list.clear();
            list.resize(length, None);
        }
        self.extra.clear();
        self.surprises = 0;
    }

    /// Walks over an object. Its fields and the nodes are both sorted by name.
    pub fn walk(&mut self, nodes: &[Node], fields: &'a Map<String, Json>, prefix: &str) {
        let mut nodes = nodes.iter().peekable();
        for (name, value) in fields {
            while nodes.next_if(|node| node.name < *name).is_some() {}
            match nodes.next_if(|node| node.name == *name) {
                Some(node) => self.take(node, value, prefix),
                None if is_secret(name) => {}
                None => self.extra.push((format!("{prefix}{name}"), value)),
            }
        }
    }

    /// Keeps a value that is not what was expected.
    pub fn surprise(&mut self, path: String, value: &'a Json) {
        self.surprises += 1;
        self.extra.push((path, value));
    }

    fn take(&mut self, node: &Node, value: &'a Json, prefix: &str) {
        match node.role {
            Role::Copy => return,
            Role::Child(index) => return set(&mut self.children, index, value),
            Role::Told(index) => return set(&mut self.told, index, value),
            Role::Value => {}
        }
        if !node.inner.is_empty() {
            if let Some(fields) = relation(value) {
                return self.walk(&node.inner, fields, &format!("{prefix}{}.", node.name));
            }
            if is_nothing(value) {
                self.set_all(node, value);
                return;
            }
        }
        match node.slot {
            Some(slot) => set(&mut self.slots, slot, value),
            None => self.surprise(format!("{prefix}{}", node.name), value),
        }
    }

    /// Nothing is what the body says about everything inside.
    fn set_all(&mut self, node: &Node, nothing: &'a Json) {
        if let Some(slot) = node.slot {
            set(&mut self.slots, slot, nothing);
        }
        for inner in node.inner.iter().filter(|node| node.role == Role::Value) {
            self.set_all(inner, nothing);
        }
    }
}

/// The fields of a relation: an object, or a list of one object.
pub(super) fn relation(value: &Json) -> Option<&Map<String, Json>> {
    match value {
        Json::Object(fields) if !fields.is_empty() => Some(fields),
        Json::Array(items) => match items.as_slice() {
            [Json::Object(fields)] if !fields.is_empty() => Some(fields),
            _ => None,
        },
        _ => None,
    }
}

fn set<'a>(list: &mut [Option<&'a Json>], index: usize, value: &'a Json) {
    if let Some(place) = list.get_mut(index) {
        *place = Some(value);
    }
}
