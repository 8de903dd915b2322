//! The growth law: one path, and what it is made of.

pub(crate) mod automation;
mod closed_form;
mod dated;
pub(crate) mod effort;
pub(crate) mod hardware;
pub mod limit;
mod marks;
mod panels;
mod passage;
pub(crate) mod path;
mod peak;
mod short;
#[allow(clippy::unreadable_literal)] // generated digits
mod tables;
