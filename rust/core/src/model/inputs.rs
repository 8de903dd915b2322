//! Inputs of a model: columns of numbers and words by their path, such as `r`, `law.effort.rho` or
//! `hardware.changes[0].time`, checked against the model's spec.

use super::{Group, Part, Presence, Spec};
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Values of a field: one for all paths, or one per path.
#[derive(Debug, Clone)]
pub struct Column(Arc<[f64]>);

impl Column {
    /// The value of a path.
    #[inline(always)]
    pub fn at(&self, path: usize) -> f64 {
        if self.0.len() == 1 { self.0[0] } else { self.0[path] }
    }

    /// Number of values.
    #[allow(clippy::len_without_is_empty)] // a column that is part of inputs never is
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The values.
    pub fn values(&self) -> &[f64] {
        &self.0
    }
}

impl From<f64> for Column {
    fn from(value: f64) -> Self {
        Self(Arc::new([value]))
    }
}

impl From<&[f64]> for Column {
    fn from(values: &[f64]) -> Self {
        Self(values.into())
    }
}

impl From<Vec<f64>> for Column {
    fn from(values: Vec<f64>) -> Self {
        Self(values.into())
    }
}

/// Validated inputs of a model.
#[derive(Debug, Clone)]
pub struct Inputs {
    columns: BTreeMap<String, Column>,
    /// Places of words among the options of their choice.
    words: BTreeMap<String, usize>,
}

impl Inputs {
    /// Checks the inputs of a model: that each is there, as long as the others, and within its range.
    pub fn new(spec: &Spec, columns: BTreeMap<String, Column>, words: &BTreeMap<String, String>) -> Result<Self> {
        Self::of_group(spec.group, columns, words)
    }

    /// Checks the inputs of a group.
    pub fn of_group(
        group: &'static Group,
        columns: BTreeMap<String, Column>,
        words: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut inputs = Self { columns, words: BTreeMap::new() };
        let paths = inputs.view().paths();
        inputs.check(group, "", paths, words)?;
        Ok(inputs)
    }

    /// All inputs.
    pub fn view(&self) -> View<'_> {
        View { inputs: self, prefix: String::new() }
    }

    fn check(&mut self, group: &Group, prefix: &str, paths: usize, words: &BTreeMap<String, String>) -> Result<()> {
        for field in group.fields {
            let column = self.columns.get(&format!("{prefix}{}", field.name));
            let length = column.map_or(0, Column::len);
            let Some(column) = column.filter(|_| length == 1 || length == paths) else {
                return Err(Error::Length { owner: group.owner, name: field.name, given: length, expected: paths });
            };
            field.check(group.owner, column.values())?;
        }
        for choice in group.choices {
            let path = format!("{prefix}{}", choice.name);
            let word = words.get(&path).map_or("", String::as_str);
            let place = choice.options.iter().position(|option| *option == word).ok_or_else(|| Error::UnknownName {
                what: choice.name,
                given: word.to_owned(),
                allowed: choice.options.join(", "),
            })?;
            self.words.insert(path, place);
        }
        for part in group.parts {
            for prefix in self.places(prefix, part) {
                self.check(part.group, &prefix, paths, words)?;
            }
        }
        (group.check)(&View { inputs: self, prefix: prefix.to_owned() })
    }

    /// Prefixes under which a part is there.
    fn places(&self, prefix: &str, part: &Part) -> Vec<String> {
        let once = format!("{prefix}{}.", part.name);
        match part.presence {
            Presence::Required => vec![once],
            Presence::Optional => {
                if self.holds(&once) {
                    vec![once]
                } else {
                    vec![]
                }
            }
            Presence::Repeated => (0..self.columns.len())
                .map(|k| format!("{prefix}{}[{k}].", part.name))
                .take_while(|place| self.holds(place))
                .collect(),
        }
    }

    fn holds(&self, prefix: &str) -> bool {
        self.under(prefix).next().is_some()
    }

    fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Column> {
        let from = self.columns.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.take_while(move |(path, _)| path.starts_with(prefix)).map(|(_, column)| column)
    }
}

/// The inputs of a model, or of one of its parts.
#[derive(Debug, Clone)]
pub struct View<'a> {
    inputs: &'a Inputs,
    prefix: String,
}

impl<'a> View<'a> {
    /// The column of a field.
    ///
    /// # Panics
    /// If the spec that the inputs were checked against has no such field: a bug of the model.
    pub fn column(&self, name: &str) -> Column {
        self.inputs.columns[&format!("{}{name}", self.prefix)].clone()
    }

    /// Place of a choice's word among its options.
    ///
    /// # Panics
    /// If the spec that the inputs were checked against has no such choice: a bug of the model.
    pub fn word(&self, name: &str) -> usize {
        self.inputs.words[&format!("{}{name}", self.prefix)]
    }

    /// The inputs of a part that is always there.
    #[must_use]
    pub fn part(&self, name: &str) -> View<'a> {
        View { inputs: self.inputs, prefix: format!("{}{name}.", self.prefix) }
    }

    /// The inputs of a part, if it is there.
    pub fn optional(&self, name: &str) -> Option<View<'a>> {
        let part = self.part(name);
        self.inputs.holds(&part.prefix).then_some(part)
    }

    /// The inputs of a part each time it is there.
    pub fn repeated(&self, name: &str) -> Vec<View<'a>> {
        let place = |k: usize| self.optional(&format!("{name}[{k}]"));
        (0..self.inputs.columns.len()).map_while(place).collect()
    }

    /// Number of paths in which these inputs differ: 1 where each has one value.
    pub fn paths(&self) -> usize {
        self.inputs.under(&self.prefix).map(Column::len).max().unwrap_or(1)
    }
}
