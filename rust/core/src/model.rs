//! A model as everything but its own file sees it: fields and outputs as data, a validated plan, and rows to fill.
//!
//! ```text
//! Inputs (columns by path, words) -> Spec::plan -> Plan -> Plan::rows(Request) -> Rows -> Run::fill_rows
//! ```

mod by_path;
mod fill;
mod inputs;
mod range;

pub(crate) use by_path::{ByPath, PathRows, Slots};
pub use inputs::{Column, Inputs, View};
pub use range::Range;

use crate::{Argument, Cancel, Error, Result, Run};
use std::sync::Arc;

/// Units of fields and outputs, as every interface writes them.
pub mod unit {
    /// A pure number.
    pub const NUMBER: &str = "1";
    /// Time in years.
    pub const YEARS: &str = "years";
    /// Doublings of the level.
    pub const DOUBLINGS: &str = "doublings";
    /// Pace.
    pub const DOUBLINGS_PER_YEAR: &str = "doublings/year";
    /// A rate.
    pub const PER_YEAR: &str = "1/year";
    /// Years of AI progress at the recent pace; not calendar time.
    pub const YEARS_OF_PROGRESS: &str = "years of progress";
}

/// A numeric input of a model or of one of its parts.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name in every interface.
    pub name: &'static str,
    /// Unit, one of [`unit`] or the model's own.
    pub unit: &'static str,
    /// Values allowed.
    pub range: Range,
    /// What else is to be said of the values allowed; empty if nothing is.
    pub also: &'static str,
}

impl Field {
    /// Makes a field of which the range says all.
    pub const fn new(name: &'static str, unit: &'static str, range: Range) -> Self {
        Self { name, unit, range, also: "" }
    }

    /// Adds a remark on the values allowed.
    #[must_use]
    pub const fn remarked(self, also: &'static str) -> Self {
        Self { also, ..self }
    }

    /// States what is allowed, to follow "must be".
    pub fn rule(&self) -> String {
        let unit = if self.unit == unit::NUMBER { "" } else { self.unit };
        let numbers = self.range.numbers();
        let remarks: Vec<&str> = [unit, &numbers, self.also].into_iter().filter(|part| !part.is_empty()).collect();
        if remarks.is_empty() {
            self.range.says.to_owned()
        } else {
            format!("{} ({})", self.range.says, remarks.join(", "))
        }
    }

    /// Returns the first value outside the range (NaN always is) as an error.
    pub fn check(&self, owner: &'static str, values: &[f64]) -> Result<()> {
        match values.iter().position(|value| !self.range.contains(*value)) {
            None => Ok(()),
            Some(i) => Err(self.error(owner, values[i], (values.len() > 1).then_some(i))),
        }
    }

    /// Makes the error for a value.
    pub fn error(&self, owner: &'static str, value: f64, index: Option<usize>) -> Error {
        Error::InvalidValue { owner, name: self.name, value, index, rule: self.rule().into() }
    }

    /// Makes the error for a path's value of a column, with a rule of its own.
    pub fn error_at(&self, owner: &'static str, column: &Column, path: usize, rule: &'static str) -> Error {
        let index = (column.len() > 1).then_some(path);
        Error::InvalidValue { owner, name: self.name, value: column.at(path), index, rule: rule.into() }
    }
}

/// An input that is one of a few words.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// Name in every interface.
    pub name: &'static str,
    /// Words allowed.
    pub options: &'static [&'static str],
}

/// Whether and how often a part is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Once.
    Required,
    /// Once or not at all.
    Optional,
    /// Any number of times.
    Repeated,
}

/// A group of inputs within another.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Name of the field that holds it.
    pub name: &'static str,
    /// Its inputs.
    pub group: &'static Group,
    /// Whether and how often it is there.
    pub presence: Presence,
}

/// Inputs that belong together: those of a model, or of a part.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The class that has them, as errors name it.
    pub owner: &'static str,
    /// Numbers.
    pub fields: &'static [Field],
    /// Words.
    pub choices: &'static [Choice],
    /// Groups within.
    pub parts: &'static [Part],
    /// Checks what ranges cannot say, once every value is within its range.
    pub check: fn(&View) -> Result<()>,
}

/// What the values of an output are. All travel as f64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Number,
    /// Whole numbers.
    Whole,
    /// 0 for false, 1 for true.
    Flag,
    /// The place in a list of words.
    Word(&'static [&'static str]),
}

/// What a series runs along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Time since the start, years.
    Time,
    /// Doublings of the level.
    Doublings,
    /// Pace over that at the start.
    Multiple,
    /// Pace, doublings per year.
    Pace,
    /// Length of a window, years.
    Within,
    /// Number of the step (doubling, training run) from 1 on.
    Step,
}

impl Axis {
    /// Name of the axis.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Doublings => "doublings",
            Self::Multiple => "multiple",
            Self::Pace => "pace",
            Self::Within => "within",
            Self::Step => "step",
        }
    }
}

/// When an output is computed without being asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Always: it takes little time.
    Quick,
    /// For the rows of a frame, but not for the draws of an ensemble.
    Rows,
    /// Never.
    Named,
}

/// Something that can be asked of every path.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Name in every interface.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// What it runs along; one value per path if nothing.
    pub along: Option<Axis>,
    /// Whether it depends on the horizon.
    pub horizon: bool,
    /// Outputs of the same pass above 0 come from one integration; those of pass 0 cost what they cost alone.
    pub pass: u8,
    /// When it is computed without being asked for.
    pub offer: Offer,
}

impl Output {
    /// Makes an output of numbers, one per path, that is offered for the rows of a frame.
    pub const fn new(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit, kind: Kind::Number, along: None, horizon: false, pass: 0, offer: Offer::Rows }
    }

    /// Makes an output of words.
    pub const fn word(name: &'static str, words: &'static [&'static str]) -> Self {
        Self { kind: Kind::Word(words), ..Self::new(name, unit::NUMBER) }
    }

    /// Sets what its values are.
    #[must_use]
    pub const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Lets it run along an axis.
    #[must_use]
    pub const fn along(self, axis: Axis) -> Self {
        Self { along: Some(axis), ..self }
    }

    /// Lets it depend on the horizon.
    #[must_use]
    pub const fn by_horizon(self) -> Self {
        Self { horizon: true, ..self }
    }

    /// Makes it part of a pass.
    #[must_use]
    pub const fn in_pass(self, pass: u8) -> Self {
        Self { pass, ..self }
    }

    /// Computes it always.
    #[must_use]
    pub const fn quick(self) -> Self {
        Self { offer: Offer::Quick, ..self }
    }

    /// Computes it only when it is asked for by name.
    #[must_use]
    pub const fn named(self) -> Self {
        Self { offer: Offer::Named, ..self }
    }
}

/// Names of the regimes, in the order of criticality.
pub const REGIMES: &[&str] = &["fizzle", "exponential", "explosion"];

/// Returns the place of a criticality's regime in [`REGIMES`].
#[inline(always)]
pub fn regime(criticality: f64) -> f64 {
    f64::from(u8::from(criticality >= 1.0) + u8::from(criticality > 1.0))
}

/// Whether a time comes, and by the horizon, which may be infinite.
#[inline(always)]
pub fn comes_by(time: f64, horizon: f64) -> bool {
    time < f64::INFINITY && time <= horizon
}

/// A model as data.
#[derive(Debug)]
pub struct Spec {
    /// Name in scenario files.
    pub name: &'static str,
    /// Its inputs.
    pub group: &'static Group,
    /// What can be asked of it.
    pub outputs: &'static [Output],
    /// Makes a plan of inputs that are within their ranges.
    pub build: fn(&View) -> Result<Arc<dyn Plan>>,
}

impl Spec {
    /// Makes a plan of validated inputs.
    pub fn plan(&self, inputs: &Inputs) -> Result<Arc<dyn Plan>> {
        (self.build)(&inputs.view())
    }

    /// Returns the output of a name.
    pub fn output(&self, name: &str) -> Result<&'static Output> {
        let named = |output: &&Output| output.name == name;
        self.outputs.iter().find(named).ok_or_else(|| Error::UnknownName {
            what: "output",
            given: name.to_owned(),
            allowed: self.outputs.iter().map(|output| output.name).collect::<Vec<_>>().join(", "),
        })
    }
}

/// The values along an axis at which an output is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Along {
    /// None: one value per path.
    Nothing,
    /// The same for all paths.
    Shared(Vec<f64>),
    /// As many for each path, one row after the other.
    Own(Vec<f64>, usize),
    /// Steps 1 to a number.
    Steps(usize),
}

impl Along {
    /// Values per path.
    pub fn width(&self) -> usize {
        match self {
            Self::Nothing => 1,
            Self::Shared(values) => values.len(),
            Self::Own(_, width) => *width,
            Self::Steps(count) => *count,
        }
    }

    /// All values.
    pub fn values(&self) -> &[f64] {
        match self {
            Self::Nothing | Self::Steps(_) => &[],
            Self::Shared(values) | Self::Own(values, _) => values,
        }
    }

    /// The values for a path.
    #[inline(always)]
    pub fn of(&self, path: usize) -> &[f64] {
        match self {
            Self::Nothing | Self::Steps(_) => &[],
            Self::Shared(values) => values,
            Self::Own(values, width) => &values[path * width..][..*width],
        }
    }
}

/// An output, and where along its axis.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked for.
    pub output: &'static Output,
    /// Where along its axis.
    pub along: Along,
}

/// What is asked of a plan in one go.
#[derive(Debug, Clone)]
pub struct Request {
    /// The outputs.
    pub asks: Vec<Ask>,
    /// Time at which paths end, years; infinite for none.
    pub horizon: f64,
}

impl Request {
    /// Values per path of each output.
    pub fn widths(&self) -> Vec<usize> {
        self.asks.iter().map(|ask| ask.along.width()).collect()
    }

    /// Refuses rows of values that are not one per path, and times that do not ascend from 0 on.
    pub fn check(&self, owner: &'static str, paths: usize) -> Result<()> {
        for Ask { output, along } in &self.asks {
            if let Along::Own(values, width) = along
                && values.len() != paths * width
            {
                return Err(Error::Length { owner, name: output.name, given: values.len(), expected: paths * width });
            }
            match along {
                Along::Shared(time) if output.along == Some(Axis::Time) => check_ascending(time)?,
                Along::Own(time, width) if output.along == Some(Axis::Time) => check_own_times(time, *width)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Times at which paths are asked for, years.
pub(crate) const TIME: Argument = Argument {
    owner: "simulate",
    name: "time",
    low: 0.0,
    low_included: true,
    high: 1e100,
    rule: "finite, >= 0 and ascending (years, at most 1e100)",
};
/// A path's own times.
const OWN_TIME: Argument = Argument { owner: "doublings_at", rule: "finite and >= 0 (years, at most 1e100)", ..TIME };

/// Refuses times that do not ascend from 0 on.
pub(crate) fn check_ascending(time: &[f64]) -> Result<()> {
    TIME.check(time)?;
    match (1..time.len()).find(|&i| time[i] < time[i - 1]) {
        Some(i) => Err(TIME.error(time[i], Some(i))),
        None => Ok(()),
    }
}

/// Refuses times of each path's own, a row of so many, that do not ascend from 0 on.
fn check_own_times(time: &[f64], width: usize) -> Result<()> {
    OWN_TIME.check(time)?;
    if width > 1 { time.chunks_exact(width).try_for_each(check_ascending) } else { Ok(()) }
}

/// A validated set of paths.
pub trait Plan: Send + Sync {
    /// Number of paths.
    fn paths(&self) -> usize;

    /// Checks a request, and prepares the rows that answer it.
    fn rows<'a>(&'a self, request: &'a Request, run: &Run) -> Result<Box<dyn Rows + 'a>>;
}

/// Rows of values, one per path and output, ready to be filled.
pub trait Rows: Sync {
    /// Values per path of each output.
    fn widths(&self) -> &[usize];

    /// Fills the rows of consecutive paths from `first` on, on this thread: a slice for each output.
    fn fill(&self, first: usize, out: &mut [&mut [f64]], cancel: &Cancel) -> Result<()>;

    /// About how long a value takes, in values of a growth law.
    fn cost(&self) -> usize {
        1
    }
}
