//! Kernels of the growth law: doublings on a grid, doubling times, closed form.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use takeoff_core::Run;
use takeoff_core::model::{Along, Ask, Inputs, Plan, Request};
use takeoff_core::models::MODELS;

const PATHS: u32 = 10_000;

/// Values spread evenly over a range in an order without trend (multiples of the golden ratio).
fn spread(low: f64, high: f64, offset: f64) -> Vec<f64> {
    (0..PATHS).map(|i| low + (high - low) * (f64::from(i) * 0.618_033_988_749_894_9 + offset).fract()).collect()
}

/// A growth law with a limit, and with the columns of its parts.
fn law(limit: Vec<f64>, parts: &[(&str, Vec<f64>)]) -> Arc<dyn Plan> {
    let spec = MODELS.iter().find(|spec| spec.name == "growth_law").expect("there is a growth law");
    let own = [
        ("r", spread(0.4, 3.0, 0.0)),
        ("first_doubling", vec![1.0 / 12.0]),
        ("parallelizability", vec![1.0]),
        ("limit", limit),
    ];
    let columns = own.iter().chain(parts).map(|(name, values)| ((*name).to_owned(), values.clone().into())).collect();
    let words = [("limit_shape".to_owned(), "linear".to_owned())].into();
    let inputs = Inputs::new(spec, columns, &words).expect("the parameters are within their ranges");
    spec.plan(&inputs).expect("the parameters go together")
}

fn compute() -> Vec<(&'static str, Vec<f64>)> {
    vec![
        ("effort.labor_share", spread(0.3, 0.9, 0.3)),
        ("effort.rho", spread(-2.0, 0.5, 0.7)),
        ("effort.experiment_efficiency", vec![0.2]),
    ]
}

fn compute_and_hardware() -> Vec<(&'static str, Vec<f64>)> {
    let hardware = [("hardware.doubling_time", spread(0.5, 3.0, 0.1))];
    compute().into_iter().chain(hardware).collect()
}

/// Fills a column with an output of every path.
fn fill(plan: &dyn Plan, output: &str, along: Along, out: &mut [f64]) {
    let spec = MODELS.iter().find(|spec| spec.name == "growth_law").expect("there is a growth law");
    let ask = Ask { output: spec.output(output).expect("the model has the output"), along };
    let (request, run) = (Request { asks: vec![ask], horizon: f64::INFINITY }, Run::default());
    let rows = plan.rows(&request, &run).expect("the request is valid");
    run.fill_rows(&*rows, plan.paths(), &mut [out]).expect("nothing cancels the run");
}

fn growth_law(c: &mut Criterion) {
    let time: Vec<f64> = (0..121).map(|i| f64::from(i) / 60.0).collect();
    let limited = law(spread(10.0, 50.0, 0.5), &[]);
    let unlimited = law(vec![f64::INFINITY], &[]);
    let with_compute = law(vec![f64::INFINITY], &compute());
    let with_hardware = law(vec![f64::INFINITY], &compute_and_hardware());
    let mut group = c.benchmark_group("growth law, paths");
    group.throughput(Throughput::Elements(u64::from(PATHS)));
    let mut grid = vec![0.0; 121 * PATHS as usize];
    for (name, plan) in [
        ("limit, 121 times", &limited),
        ("no limit, 121 times", &unlimited),
        ("compute, 121 times", &with_compute),
        ("compute and growing hardware, 121 times", &with_hardware),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| fill(&**plan, "doublings_at", Along::Shared(black_box(&time).clone()), &mut grid));
        });
    }
    let mut column = vec![0.0; PATHS as usize];
    group.bench_function("limit, 1 time", |b| {
        b.iter(|| fill(&*limited, "doublings_at", Along::Shared(black_box(vec![2.0])), &mut column));
    });
    let mut durations = vec![0.0; 10 * PATHS as usize];
    for (name, plan) in [("limit, 10 doubling times", &limited), ("compute, 10 doubling times", &with_compute)] {
        group.bench_function(name, |b| {
            b.iter(|| fill(&**plan, "doubling_times", Along::Steps(black_box(10)), &mut durations));
        });
    }
    group.finish();
}

criterion_group!(benches, growth_law);
criterion_main!(benches);
