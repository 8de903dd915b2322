use super::*;

const PUBLISHED: [f64; 4] = [5.0, 25.0, 250.0, 2000.0];

fn path(gaps: [f64; 3], steps: Steps) -> Path {
    Path::of_gaps(2027.25, gaps, PUBLISHED, steps, [0.0; 3])
}

fn parameters(to_sar: f64, from_sc: f64, asi_exponent: f64) -> Parameters {
    Parameters { sc_date: 2027.25, prior: 10.0, to_sar, from_sc, siar_exponent: 2.0, asi_exponent, paces: PUBLISHED }
}

/// Draws, with days by the published code and years by a quadrature of the pace.
const RUNS: [([f64; 3], [f64; 3], [f64; 3]); 8] = [
    (
        [4.036_607_487_485_24, 34.130_977_323_803_3, 117.868_985_474_898],
        [148.0, 196.0, 74.0],
        [0.401_293_639_853, 0.533_624_224_093, 0.198_390_500_956],
    ),
    (
        [3.693_038_671_741_82, 15.380_566_702_023_9, 29.681_721_571_778_2],
        [135.0, 89.0, 20.0],
        [0.367_138_230_629, 0.240_469_028_9, 0.049_958_617_936_1],
    ),
    (
        [4.367_842_222_149_9, 5.320_895_014_625_76, 71.184_986_379_990_6],
        [160.0, 32.0, 45.0],
        [0.434_222_873_803, 0.083_190_072_371, 0.119_814_597_976],
    ),
    (
        [15.540_637_980_843_9, 211.876_574_524_654, 627_181.803_329_891],
        [565.0, 1_211.0, 365_000.0],
        [1.544_950_605_25, 3.312_605_777_78, 1_055.637_423_63],
    ),
    (
        [3.428_676_202_002_47, 69.443_343_864_973_1, 3_217.766_210_021_35],
        [126.0, 398.0, 1_978.0],
        [0.340_857_008_576, 1.085_718_997_64, 5.415_964_579_59],
    ),
    (
        [4.466_437_007_594_66, 24.430_660_467_035_3, 2_705.655_043_510_12],
        [163.0, 141.0, 1_664.0],
        [0.444_024_535_333, 0.381_963_637_083, 4.554_007_632_57],
    ),
    (
        [1.427_489_429_098_38, 5.739_815_836_561_64, 26.889_971_104_453_6],
        [53.0, 34.0, 18.0],
        [0.141_911_848_162, 0.089_739_732_418_5, 0.045_259_699_289],
    ),
    ([0.0, 11.934_421_834_236_5, 90_981.814_853_697], [0.0, 70.0, 55_896.0], [0.0, 0.186_589_927_703, 153.135_515_284]),
];

#[test]
fn single_runs() {
    for (gaps, days, years) in RUNS {
        assert_eq!(path(gaps, Steps::Days).years.map(|years| (years * DAYS).round()), days);
        for (found, expected) in path(gaps, Steps::Exact).years.into_iter().zip(years) {
            assert!((found - expected).abs() <= 1e-11 * expected + 1e-13, "{found} {expected}");
        }
    }
}

#[test]
fn days_without_counting() {
    let mut precise = 0;
    for k in 0..240 {
        let gap = 0.003 * 1.07_f64.powi(k);
        for (start, end) in
            [(5.0, 25.0), (25.0, 250.0), (250.0, 2000.0), (1.0, 1.001), (1.0, 3000.0), (4.0, 2.0), (3.0, 3.0)]
        {
            let phase = Phase::new(gap, start, end);
            let exact = phase.years(Steps::Exact) * DAYS;
            if exact > 20_000.0 {
                continue;
            }
            assert_eq!(phase.days(exact), phase.counted(), "{gap} {start} {end}");
            precise += u32::from(start < end && exact > 100.0);
        }
    }
    assert!(precise > 100);
    for gap in [0.0, 1e300, f64::INFINITY] {
        let days = path([gap; 3], Steps::Days).years.map(|years| years * DAYS);
        assert_eq!(days, if gap == 0.0 { [0.0; 3] } else { [MOST_DAYS; 3] });
    }
}

#[test]
fn gaps_are_the_powers_of_the_text() {
    for (to_sar, exponent) in [(5.0, 1.5_f64), (0.3, 0.4), (25.0, 7.5), (1e-9, 2.0)] {
        let x = 10.0 + to_sar;
        let at_siar = x * (x / 10.0_f64).powi(2);
        let path = Path::new(&parameters(to_sar, 3.0, exponent), Steps::Exact);
        let expected = [3.0, at_siar - x, at_siar * (at_siar / x).powf(exponent) - at_siar];
        for (found, expected) in path.gaps().into_iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-12 * (expected + at_siar), "{found} {expected}");
        }
        let expected = [x, at_siar, at_siar + expected[2]].map(|research| (research / 10.0).log2());
        for (found, expected) in path.doublings().into_iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-12 * expected + 1e-14, "{found} {expected}");
        }
    }
}

#[test]
fn a_gap_beyond_floats_is_never_crossed() {
    let path = Path::new(&parameters(500.0, 3.0, 200.0), Steps::Exact);
    assert!(path.dates()[1].is_finite());
    assert_eq!((path.gaps()[2], path.years[2], path.dates()[2]), (f64::INFINITY, f64::INFINITY, f64::INFINITY));
    let (progress, pace) = path.at(path.since_sc()[1] + 2.0);
    let expected = path.gaps()[0] + path.gaps()[1] + 500.0;
    assert!((progress - expected).abs() < 1e-9 * expected && pace == 250.0, "{progress} {expected} {pace}");
    // The largest that is within: some years by the exact course, the most days by the published one.
    let path = Path::new(&parameters(500.0, 3.0, 88.0), Steps::Days);
    assert!(path.gaps()[2].is_finite() && path.gaps()[2] > 1e290);
    assert_eq!(path.years[2], 1000.0);
}

#[test]
fn the_course_meets_every_milestone_and_its_slope_is_the_pace() {
    for steps in [Steps::Exact, Steps::Days] {
        let path = Path::new(&parameters(5.0, 4.0, 1.5), steps);
        let mut done = 0.0;
        assert_eq!(path.at(0.0), (0.0, 5.0));
        for (i, years) in path.since_sc().into_iter().enumerate() {
            done += path.gaps()[i];
            let (progress, pace) = path.at(years);
            assert!((progress - done).abs() < 1e-9 * done && (pace - PUBLISHED[i + 1]).abs() < 1e-6 * pace);
        }
        assert_eq!(path.at(900.0).0, path.gaps().iter().sum::<f64>());
    }
    let path = Path::new(&parameters(5.0, 4.0, 1.5), Steps::Exact);
    for k in 1..100 {
        let (years, h) = (0.01 * f64::from(k) * path.since_sc()[2], 1e-7);
        let slope = (path.at(years + h).0 - path.at(years - h).0) / (2.0 * h);
        assert!((slope / path.at(years).1 - 1.0).abs() < 1e-4, "{years} {slope} {:?}", path.at(years));
    }
}

#[test]
fn a_pace_that_stays_or_falls() {
    assert_eq!(Phase::new(6.0, 3.0, 3.0).years(Steps::Exact), 2.0);
    assert_eq!(Phase::new(6.0, 3.0, 3.0).at(1.0), (3.0, 3.0));
    let (up, down) = (Phase::new(6.0, 2.0, 8.0), Phase::new(6.0, 8.0, 2.0));
    assert!((up.years(Steps::Exact) - down.years(Steps::Exact)).abs() < 1e-15);
    assert!(((6.0 - up.at(1.0).0) - down.at(up.years(Steps::Exact) - 1.0).0).abs() < 1e-14);
}

#[test]
fn a_phase_scales_with_its_gap_and_is_shorter_at_greater_paces() {
    let years = |gap, start, end| Phase::new(gap, start, end).years(Steps::Exact);
    assert!((years(6.0, 5.0, 25.0) / years(3.0, 5.0, 25.0) - 2.0).abs() < 1e-15);
    assert!(years(3.0, 6.0, 25.0) < years(3.0, 5.0, 25.0) && years(3.0, 5.0, 26.0) < years(3.0, 5.0, 25.0));
    // A phase takes 0.0994118, 0.0156346 and 0.0016832 years per human-year.
    for (i, expected) in [0.099_413_6, 0.015_634_6, 0.001_683_1].into_iter().enumerate() {
        assert!((years(1.0, PUBLISHED[i], PUBLISHED[i + 1]) - expected).abs() < 5e-8);
    }
}
