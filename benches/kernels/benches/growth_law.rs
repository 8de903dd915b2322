//! Kernels of the growth law: doublings on a grid, doubling times, closed form.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use takeoff_core::Run;
use takeoff_core::limit::LimitShape;
use takeoff_core::models::growth_law::{Ces, Columns, GrowthLaw, HardwareGrowth};

const PATHS: u32 = 10_000;

/// Values spread evenly over a range in an order without trend (multiples of the golden ratio).
fn spread(low: f64, high: f64, offset: f64) -> Vec<f64> {
    (0..PATHS).map(|i| low + (high - low) * (f64::from(i) * 0.618_033_988_749_894_9 + offset).fract()).collect()
}

fn law(limit: Vec<f64>, effort: Option<Ces>, hardware: Vec<HardwareGrowth>) -> GrowthLaw {
    GrowthLaw::new(Columns {
        r: spread(0.4, 3.0, 0.0),
        first_doubling: vec![1.0 / 12.0],
        parallelizability: vec![1.0],
        limit,
        shape: LimitShape::Linear,
        automation: None,
        effort,
        hardware,
    })
    .expect("the parameters are within their ranges")
}

fn compute() -> Ces {
    let (labor_share, rho) = (spread(0.3, 0.9, 0.3), spread(-2.0, 0.5, 0.7));
    Ces { labor_share, rho, experiment_efficiency: vec![0.2] }
}

fn hardware() -> Vec<HardwareGrowth> {
    vec![HardwareGrowth { since: vec![0.0], doubling_time: spread(0.5, 3.0, 0.1) }]
}

fn growth_law(c: &mut Criterion) {
    let time: Vec<f64> = (0..121).map(|i| f64::from(i) / 60.0).collect();
    let run = Run::default();
    let limited = law(spread(10.0, 50.0, 0.5), None, vec![]);
    let unlimited = law(vec![f64::INFINITY], None, vec![]);
    let with_compute = law(vec![f64::INFINITY], Some(compute()), vec![]);
    let with_hardware = law(vec![f64::INFINITY], Some(compute()), hardware());
    let mut group = c.benchmark_group("growth law, paths");
    group.throughput(Throughput::Elements(u64::from(PATHS)));
    let mut grid = vec![0.0; 121 * PATHS as usize];
    group.bench_function("limit, 121 times", |b| {
        b.iter(|| limited.doublings_at(black_box(&time), &run, &mut grid));
    });
    group.bench_function("no limit, 121 times", |b| {
        b.iter(|| unlimited.doublings_at(black_box(&time), &run, &mut grid));
    });
    group.bench_function("compute, 121 times", |b| {
        b.iter(|| with_compute.doublings_at(black_box(&time), &run, &mut grid));
    });
    group.bench_function("compute and growing hardware, 121 times", |b| {
        b.iter(|| with_hardware.doublings_at(black_box(&time), &run, &mut grid));
    });
    let mut column = vec![0.0; PATHS as usize];
    group.bench_function("limit, 1 time", |b| {
        b.iter(|| limited.doublings_at(black_box(&time[120..]), &run, &mut column));
    });
    let mut durations = vec![0.0; 10 * PATHS as usize];
    group.bench_function("limit, 10 doubling times", |b| {
        b.iter(|| limited.doubling_times(black_box(10), &run, &mut durations));
    });
    group.bench_function("compute, 10 doubling times", |b| {
        b.iter(|| with_compute.doubling_times(black_box(10), &run, &mut durations));
    });
    group.finish();
}

criterion_group!(benches, growth_law);
criterion_main!(benches);
