//! Normal distribution function and its inverse.

use crate::numerics::elementary::{exp, ln};

/// Evaluates a polynomial by its coefficients in descending order.
#[inline(always)]
fn horner(x: f64, coefficients: &[f64]) -> f64 {
    coefficients[1..].iter().fold(coefficients[0], |sum, c| x.mul_add(sum, *c))
}

/// Distance from 0 beyond which a tail underflows to 0.
const FARTHEST: f64 = 40.0;

/// Half the width of the central range, in probability.
const CENTRAL: f64 = 0.425;

/// Computes the standard normal quantile if `|below - 1/2| <= 0.425` (Wichura 1988, algorithm AS 241, PPND16); finite elsewhere.
#[inline(always)]
fn central(below: f64) -> f64 {
    const TOP: [f64; 8] = [
        2.509_080_928_730_122_7e3,
        3.343_057_558_358_813e4,
        6.726_577_092_700_87e4,
        4.592_195_393_154_987e4,
        1.373_169_376_550_946_2e4,
        1.971_590_950_306_551_3e3,
        1.331_416_678_917_843_8e2,
        3.387_132_872_796_366_5,
    ];
    const BOTTOM: [f64; 8] = [
        5.226_495_278_852_854e3,
        2.872_908_573_572_194_3e4,
        3.930_789_580_009_271e4,
        2.121_379_430_158_659_7e4,
        5.394_196_021_424_751e3,
        6.871_870_074_920_579e2,
        4.231_333_070_160_091e1,
        1.0,
    ];
    let q = below - 0.5;
    let r = q.mul_add(-q, 0.180_625);
    q * horner(r, &TOP) / horner(r, &BOTTOM)
}

/// Computes the standard normal quantile of an upper tail of probability `tail <= 0.075`.
#[inline(always)]
fn outer(tail: f64) -> f64 {
    const NEAR_TOP: [f64; 8] = [
        7.745_450_142_783_414e-4,
        2.272_384_498_926_918_4e-2,
        2.417_807_251_774_506e-1,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ];
    const NEAR_BOTTOM: [f64; 8] = [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        1.519_866_656_361_645_7e-2,
        1.481_039_764_274_800_8e-1,
        6.897_673_349_851e-1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ];
    const FAR_TOP: [f64; 8] = [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        1.242_660_947_388_078_4e-3,
        2.653_218_952_657_612_4e-2,
        2.965_605_718_285_048_7e-1,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ];
    const FAR_BOTTOM: [f64; 8] = [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        1.487_536_129_085_061_5e-2,
        1.369_298_809_227_358e-1,
        5.998_322_065_558_88e-1,
        1.0,
    ];
    let r = (-ln(tail)).sqrt();
    if r <= 5.0 {
        horner(r - 1.6, &NEAR_TOP) / horner(r - 1.6, &NEAR_BOTTOM)
    } else {
        horner(r - 5.0, &FAR_TOP) / horner(r - 5.0, &FAR_BOTTOM)
    }
}

/// Computes the standard normal quantile of a probability, given with its complement.
#[inline(always)]
pub(super) fn quantile(below: f64, above: f64) -> f64 {
    if (below - 0.5).abs() <= CENTRAL {
        central(below)
    } else if below < above {
        -outer(below)
    } else {
        outer(above)
    }
}

/// Computes the [`quantile`] of each probability of a block, with vector instructions for the central ones.
#[inline(always)]
pub(super) fn quantiles(below: &[f64], above: &[f64], out: &mut [f64]) {
    for (z, p) in out.iter_mut().zip(below) {
        *z = central(*p);
    }
    for ((z, p), q) in out.iter_mut().zip(below).zip(above) {
        if (p - 0.5).abs() > CENTRAL {
            *z = if p < q { -outer(*p) } else { outer(*q) };
        }
    }
}

/// Computes the probabilities below and above `z` by rational approximations of erf and erfc (Cody 1969).
#[inline(always)]
pub(super) fn cdf(z: f64) -> (f64, f64) {
    let tail = upper_tail(z.abs().min(FARTHEST));
    if z < 0.0 { (tail, 1.0 - tail) } else { (1.0 - tail, tail) }
}

/// Computes the probability above `z >= 0`.
#[inline(always)]
fn upper_tail(z: f64) -> f64 {
    const ERF_TOP: [f64; 5] = [
        1.857_777_061_846_031_5e-1,
        3.161_123_743_870_565_5,
        1.138_641_541_510_501_6e2,
        3.774_852_376_853_02e2,
        3.209_377_589_138_469_4e3,
    ];
    const ERF_BOTTOM: [f64; 5] =
        [1.0, 2.360_129_095_234_412_2e1, 2.440_246_379_344_441_7e2, 1.282_616_526_077_372_3e3, 2.844_236_833_439_171e3];
    const MIDDLE_TOP: [f64; 9] = [
        2.153_115_354_744_038_3e-8,
        5.641_884_969_886_701e-1,
        8.883_149_794_388_377,
        6.611_919_063_714_163e1,
        2.986_351_381_974_001e2,
        8.819_522_212_417_69e2,
        1.712_047_612_634_070_7e3,
        2.051_078_377_826_071_6e3,
        1.230_339_354_797_997_2e3,
    ];
    const MIDDLE_BOTTOM: [f64; 9] = [
        1.0,
        1.574_492_611_070_983_5e1,
        1.176_939_508_913_125e2,
        5.371_811_018_620_099e2,
        1.621_389_574_566_690_3e3,
        3.290_799_235_733_459_7e3,
        4.362_619_090_143_247e3,
        3.439_367_674_143_721_6e3,
        1.230_339_354_803_749_5e3,
    ];
    const FAR_TOP: [f64; 6] = [
        1.631_538_713_730_209_8e-2,
        3.053_266_349_612_323_6e-1,
        3.603_448_999_498_044_5e-1,
        1.257_817_261_112_292_6e-1,
        1.608_378_514_874_227_5e-2,
        6.587_491_615_298_378e-4,
    ];
    const FAR_BOTTOM: [f64; 6] = [
        1.0,
        2.568_520_192_289_822,
        1.872_952_849_923_460_4,
        5.279_051_029_514_285e-1,
        6.051_834_131_244_132e-2,
        2.335_204_976_268_691_8e-3,
    ];
    const INVERSE_SQRT_PI: f64 = 0.564_189_583_547_756_3;
    let y = z * std::f64::consts::FRAC_1_SQRT_2;
    if y <= 0.46875 {
        let square = y * y;
        return 0.5 - 0.5 * y * horner(square, &ERF_TOP) / horner(square, &ERF_BOTTOM);
    }
    let scaled = if y <= 4.0 {
        horner(y, &MIDDLE_TOP) / horner(y, &MIDDLE_BOTTOM)
    } else {
        let r = 1.0 / (y * y);
        (INVERSE_SQRT_PI - r * horner(r, &FAR_TOP) / horner(r, &FAR_BOTTOM)) / y
    };
    // exp(-z^2/2) with the square in two parts, the first of which is exact since z is rounded to multiples of 1/16.
    let rough = (z * 16.0).trunc() / 16.0;
    let rest = (z - rough) * (z + rough);
    0.5 * scaled * exp(-0.5 * rough * rough) * exp(-0.5 * rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // 20 digits by mpmath, rounded to double.
        for (p, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (1e-3, -3.090_232_306_167_813_5),
            (1e-10, -6.361_340_902_404_056),
        ] {
            assert!((quantile(p, 1.0 - p) - z).abs() <= 1e-15 * (1.0 + z.abs()), "{p}");
            let (below, above) = cdf(z);
            assert!((below / p - 1.0).abs() < 1e-14, "{p}: {below}");
            assert!((below + above - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn the_two_are_inverse() {
        for i in -3000..=3000 {
            let z = f64::from(i) / 80.0;
            let (below, above) = cdf(z);
            let tail = below.min(above);
            if tail > 1e-300 {
                // A relative error of the tail moves z by it over |z|.
                assert!(
                    (quantile(below, above) - z).abs() <= 4e-15 * z.abs().max(0.5),
                    "{z}: {}",
                    quantile(below, above)
                );
            }
        }
    }

    #[test]
    fn blocks_are_single_values() {
        let below: Vec<f64> = (0..1000).map(|i| (f64::from(i) + 0.5) / 1000.0).collect();
        let above: Vec<f64> = below.iter().map(|p| 1.0 - p).collect();
        let mut z = vec![0.0; 1000];
        quantiles(&below, &above, &mut z);
        for ((z, p), q) in z.iter().zip(&below).zip(&above) {
            assert_eq!(*z, quantile(*p, *q));
        }
    }
}
