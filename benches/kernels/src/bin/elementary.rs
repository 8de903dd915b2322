//! The engine's exponentials and logarithms alone, on the machine's vector unit, over arrays that stay in the cache: what those
//! of a path would take if nothing else were done. Prints nanoseconds per value; `python/roof.py` counts the values.

use std::hint::black_box;
use std::time::Instant;

#[allow(dead_code)] // the part that is timed
#[path = "../../../../rust/core/src/numerics/elementary.rs"]
mod elementary;

const VALUES: u32 = 1024;
const PASSES: u32 = 200;
const ROUNDS: u32 = 100;

/// A function over an array.
struct Map<'a, F> {
    function: F,
    from: &'a [f64],
    to: &'a mut [f64],
}

impl<F: Fn(f64) -> f64> pulp::WithSimd for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (y, x) in self.to.iter_mut().zip(self.from) {
            *y = (self.function)(*x);
        }
    }
}

fn time(name: &str, low: f64, high: f64, function: impl Fn(f64) -> f64 + Copy) {
    let from: Vec<f64> = (0..VALUES).map(|i| low + (high - low) * f64::from(i) / f64::from(VALUES)).collect();
    let mut to = vec![0.0; from.len()];
    let arch = pulp::Arch::new();
    let round = |_| {
        let begin = Instant::now();
        for _ in 0..PASSES {
            arch.dispatch(Map { function, from: black_box(&from), to: black_box(&mut to) });
        }
        begin.elapsed().as_secs_f64()
    };
    let best = (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min);
    println!("{name} {:.4}", best * 1e9 / f64::from(VALUES * PASSES));
}

fn main() {
    time("exp_near", -4.0, 4.0, elementary::exp_near);
    time("expm1_near", -0.7, 0.7, elementary::expm1_near);
    time("expm1", -20.0, 0.0, elementary::expm1);
    time("ln_1p", -0.9, 10.0, elementary::ln_1p);
    time("ln_absolute", 0.1, 10.0, elementary::ln_absolute);
}
