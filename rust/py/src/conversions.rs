//! Conversions of the ways to say how hard research gets.

use crate::door::Policy;
use crate::{Column, Out, filled, owned};
use pyo3::prelude::*;

macro_rules! conversion {
    ($name:ident $(, $extra:ident)?) => {
        #[pyfunction]
        pub(crate) fn $name<'py>(py: Python<'py>, values: Column<'py>, $($extra: Column<'py>,)? policy: Policy) -> Out<'py> {
            let values = owned(&values)?;
            $(let $extra = owned(&$extra)?;)?
            filled(py, values.len(), policy, |run, out| takeoff_core::$name(&values, $(&$extra,)? run, out))
        }
    };
}

conversion!(level);
conversion!(returns_from_papers_factor);
conversion!(papers_factor_from_returns);
conversion!(doubling_ratio_from_papers_factor);
conversion!(papers_factor_from_doubling_ratio);
conversion!(doubling_ratio_from_returns, parallelizability);
conversion!(returns_from_doubling_ratio, parallelizability);
