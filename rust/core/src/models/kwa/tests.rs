use super::*;

fn published() -> Drivers {
    Drivers::published()
}

const MIDDLE: Parameters = Parameters {
    automation_width: 2.85,
    automated: 0.375,
    labor_share: 0.235,
    returns_to_scale: 0.9,
    difficulty: 0.65,
};

/// t99, and at the times the sights, of one path.
fn follow(given: &Parameters, drivers: &Drivers, times: &[f64]) -> (f64, Vec<Sight>) {
    let mut sights = Vec::new();
    let path = Path::new(given, drivers);
    let followed = path.follow(times, true, &Cancel::default(), |i, sight| {
        assert_eq!(i, sights.len());
        sights.push(*sight);
    });
    (followed.unwrap().t99, sights)
}

const TIMES: [f64; 10] = [0.5, 1.0, 2.0, 3.25, 4.0, 6.0, 9.0, 14.0, 24.0, 44.0];

/// Paths by `SciPy` in the plain-Python twin: parameters, t99, and ln S and f at the times.
#[rustfmt::skip]
    const CASES: [(Parameters, f64, [f64; 10], [f64; 10]); 5] = [
        (MIDDLE, 7.064_532_825_73,
         [0.777_246_217_36, 1.519_431_304_19, 2.967_216_202_9, 4.768_174_023_57, 5.713_491_419_93,
          7.864_808_666_11, 10.723_737_596_97, 15.034_010_660_3, 22.183_457_066_53, 29.979_147_868_79],
         [0.482_388_771_903, 0.588_453_366_001, 0.768_673_686_064, 0.902_808_025_968, 0.939_512_208_713,
          0.981_647_302_165, 0.996_560_495_422, 0.999_732_017_65, 0.999_995_895_369, 0.999_999_956_921]),
        (Parameters { difficulty: 0.3, ..MIDDLE }, 4.107_788_225_23,
         [0.884_279_685_3, 1.927_852_854_56, 4.475_997_206_68, 8.368_892_983_44, 10.611_149_003_37,
          15.946_385_908_96, 23.202_475_496_04, 33.964_147_836_01, 47.165_891_819_34, 62.401_374_156_49],
         [0.491_771_127_288, 0.622_666_381_902, 0.849_442_356_556, 0.970_465_935_039, 0.988_585_555_907,
          0.998_904_115_106, 0.999_956_707_46, 0.999_999_650_4, 0.999_999_999_36, 1.0]),
        (Parameters { automation_width: 4.2, ..MIDDLE }, 12.083_626_084_74,
         [0.772_931_389_93, 1.502_799_211_22, 2.903_279_397_5, 4.609_050_687_67, 5.495_600_305_67,
          7.500_644_836_28, 10.155_334_462_61, 14.164_139_437_24, 20.833_231_624_57, 28.888_593_723_63],
         [0.446_939_792_209, 0.518_613_004_339, 0.653_721_221_668, 0.787_569_096_487, 0.838_240_428_084,
          0.920_520_868_206, 0.972_003_542_301, 0.994_565_202_452, 0.999_640_670_129, 0.999_984_657_641]),
        (Parameters { labor_share: 0.35, ..MIDDLE }, 6.957_093_201_94,
         [0.779_001_933_37, 1.527_201_743_7, 3.003_592_521_35, 4.873_058_098_82, 5.848_152_065_43,
          8.032_858_533_07, 10.904_757_830_77, 15.224_362_308_61, 22.426_132_192_09, 30.008_247_694_46],
         [0.482_542_592_674, 0.589_113_491_997, 0.770_935_455_354, 0.905_989_669_503, 0.942_142_236_665,
          0.982_679_978_42, 0.996_771_481_821, 0.999_749_327_231, 0.999_996_230_407, 0.999_999_957_359]),
        (Parameters { automated: 0.5, ..MIDDLE }, 6.122_126_000_31,
         [0.781_174_441_42, 1.532_634_727_63, 3.005_430_889_66, 4.835_547_415_83, 5.792_043_490_88,
          7.959_182_297_06, 10.826_343_491_21, 15.139_319_705_4, 22.289_120_359_22, 29.910_949_931_83],
         [0.608_671_149_736, 0.705_376_564_841, 0.848_780_925_091, 0.940_659_389_756, 0.963_781_934_54,
          0.989_264_382_582, 0.998_006_384_988, 0.999_845_025_903, 0.999_997_626_853, 0.999_999_973_527]),
    ];

#[test]
fn single_runs() {
    let drivers = published();
    for (given, t99, software, automated) in CASES {
        let (found, sights) = follow(&given, &drivers, &TIMES);
        assert!((found - t99).abs() < 1e-10, "{found} {t99}");
        for ((sight, software), automated) in sights.iter().zip(software).zip(automated) {
            assert!((sight.log_software - software).abs() < 1e-10, "{} {software}", sight.log_software);
            assert!((sight.automated() - automated).abs() < 1e-11, "{} {automated}", sight.automated());
        }
    }
}

#[test]
fn constants_are_logarithms() {
    for (constant, expected) in [
        (FIRST_RATE, 5.0_f64.ln()),
        (AT_99, 99.0_f64.ln()),
        (AT_CAP, 999_999.0_f64.ln()),
        (HUMAN_AT_CAP, 1e-6_f64.ln()),
    ] {
        assert!((constant - expected).abs() <= 4e-15, "{constant} {expected}");
    }
}

#[test]
fn what_is_asked_changes_nothing() {
    let drivers = published();
    let (t99, sights) = follow(&MIDDLE, &drivers, &TIMES);
    let (alone, _) = follow(&MIDDLE, &drivers, &[]);
    assert_eq!(alone.to_bits(), t99.to_bits());
    for (i, time) in TIMES.into_iter().enumerate() {
        let (again, single) = follow(&MIDDLE, &drivers, &[time]);
        assert_eq!(again.to_bits(), t99.to_bits());
        assert!((single[0].log_software - sights[i].log_software).abs() < 1e-12);
    }
}

#[test]
fn the_start_is_what_it_is_anchored_to() {
    let (_, sights) = follow(&MIDDLE, &published(), &[0.0]);
    let start = &sights[0];
    assert_eq!((start.log_software, start.log_research()), (0.0, 0.0));
    assert_eq!((start.log_compute_per_labor(), start.log_weighted_ratio()), (0.0, 0.0));
    assert!((start.automated() - 0.375).abs() < 1e-15 && (start.rate() - 5.0_f64.ln()).abs() < 1e-15);
    // Automated by 99% already.
    let late = Parameters { automated: 0.995, ..MIDDLE };
    assert_eq!(follow(&late, &published(), &[0.0]).0, 0.0);
}

#[test]
fn paths_that_do_not_get_there() {
    let slow = Parameters { automation_width: 40.0, ..MIDDLE };
    let (t99, sights) = follow(&slow, &published(), &TIMES);
    assert_eq!((t99, sights.len()), (f64::INFINITY, TIMES.len()));
}

#[test]
fn without_growth_of_inputs_or_automation_the_solution_is_closed() {
    // S = (1 + beta k t)^(1/beta), and in the limit exp(k t), as long as f hardly moves.
    let still = Drivers::new(&[1.0; 44], &[1.0; 44]);
    for difficulty in [0.0, 1e-6, 0.3, 1.0] {
        let given = Parameters { automation_width: 1e12, difficulty, ..MIDDLE };
        let (_, sights) = follow(&given, &still, &[1.0, 20.0]);
        for (time, sight) in [1.0, 20.0].into_iter().zip(sights) {
            let straight = FIRST_RATE * time;
            let expected = if difficulty == 0.0 { straight } else { (difficulty * straight).ln_1p() / difficulty };
            assert!((sight.log_software - expected).abs() < 1e-8, "{difficulty} {}", sight.log_software - expected);
        }
    }
}

#[test]
fn the_closed_solution_after_the_cap_joins_the_equation() {
    let drivers = published();
    for difficulty in [0.3, 0.65, 1.0] {
        let given = Parameters { difficulty, ..MIDDLE };
        let times: Vec<f64> = (0..=440).map(|k| 0.1 * f64::from(k)).collect();
        let (_, sights) = follow(&given, &drivers, &times);
        assert!(
            sights.windows(2).all(|pair| {
                pair[1].log_software > pair[0].log_software && pair[1].automated() >= pair[0].automated()
            })
        );
        // What is gained within years, by Simpson's rule; the rate has a kink where the cap is met.
        for (k, three) in sights.windows(3).enumerate().filter(|(k, _)| k % 10 < 9) {
            if three[0].logit < AT_CAP && three[2].logit > AT_CAP {
                continue;
            }
            let [first, middle, last] = [0, 1, 2].map(|i| three[i].rate());
            let simpson = 0.1 * (first + 4.0 * middle + last) / 3.0;
            let gained = three[2].log_software - three[0].log_software;
            assert!((gained / simpson - 1.0).abs() < 1e-5, "{difficulty} {k} {gained} {simpson}");
        }
        assert_eq!(sights[440].logit > AT_CAP, difficulty < 1.0);
    }
}

#[test]
fn t99_comes_earlier_with_more_of_what_helps() {
    let drivers = published();
    let t99 = |given: Parameters| follow(&given, &drivers, &[]).0;
    let middle = t99(MIDDLE);
    assert!(t99(Parameters { automated: 0.4, ..MIDDLE }) < middle);
    assert!(t99(Parameters { automation_width: 2.5, ..MIDDLE }) < middle);
    assert!(t99(Parameters { returns_to_scale: 1.0, ..MIDDLE }) < middle);
    assert!(t99(Parameters { difficulty: 0.5, ..MIDDLE }) < middle);
}

#[test]
fn extremes_are_followed() {
    let drivers = published();
    for automation_width in [0.05, 1.0, 100.0] {
        for automated in [1e-6, 0.5, 0.999_999_9] {
            for labor_share in [0.0, 0.5, 1.0] {
                for returns_to_scale in [0.01, 1.0, 2.0] {
                    for difficulty in [1e-3, 0.3, 10.0] {
                        let given =
                            Parameters { automation_width, automated, labor_share, returns_to_scale, difficulty };
                        let (t99, sights) = follow(&given, &drivers, &TIMES);
                        assert!(!t99.is_nan() && sights.len() == TIMES.len(), "{given:?} {t99}");
                        assert!(sights.iter().all(|sight| sight.log_software.is_finite() && sight.rate().is_finite()));
                    }
                }
            }
        }
    }
}

#[test]
fn work_is_what_it_was() {
    let drivers = published();
    let path = Path::new(&MIDDLE, &drivers);
    let work = |times: &[f64]| path.follow(times, true, &Cancel::default(), |_, _| ()).unwrap().evaluations;
    assert_eq!((work(&[]), work(&TIMES)), (406, 964));
    let cancel = Cancel::default();
    cancel.raise();
    assert_eq!(path.follow(&TIMES, true, &cancel, |_, _| ()), None);
}
