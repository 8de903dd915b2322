//! Coefficients of the Runge-Kutta method DOP853.
//!
//! Hairer, Norsett & Wanner (1993), "Solving Ordinary Differential Equations I", second edition, II.5 (the method of order 8 by
//! Dormand & Prince), II.6 (its continuous extension of order 7) and II.10 (its two error estimates), with the digits of the
//! authors' code `dop853.f`. The tests recompute what defines them, the order conditions, so that no digit can be wrong.
#![allow(clippy::unreadable_literal)] // digits as a computer printed them

/// Stages of a step; its last slope is the first of the next step.
pub(super) const STEP_STAGES: usize = 12;
/// Slopes that the continuous extension combines.
pub(super) const ALL_STAGES: usize = 16;

/// A linear combination of slopes: of the first, and of consecutive ones from a place on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Combination {
    pub(super) first: f64,
    pub(super) from: usize,
    pub(super) rest: &'static [f64],
}

impl Combination {
    #[inline(always)]
    pub(super) fn of<const N: usize>(&self, slopes: &[[f64; N]; ALL_STAGES]) -> [f64; N] {
        let mut sum = [0.0; N];
        for (s, value) in sum.iter_mut().zip(&slopes[0]) {
            *s = self.first * value;
        }
        for (slope, weight) in slopes[self.from..].iter().zip(self.rest) {
            for (s, value) in sum.iter_mut().zip(slope) {
                *s = weight.mul_add(*value, *s);
            }
        }
        sum
    }
}

/// Times of the stages, as shares of the step.
#[rustfmt::skip]
pub(super) const NODES: [f64; ALL_STAGES] = [
    0.0, 0.05260015195876773, 0.0789002279381516, 0.1183503419072274,
    0.2816496580927726, 0.3333333333333333, 0.25, 0.3076923076923077,
    0.6512820512820513, 0.6, 0.8571428571428571, 1.0,
    1.0, 0.1, 0.2, 0.7777777777777778,
];

/// Stages from the second on; the twelfth of these is the step itself, the rest belong to the continuous extension.
#[rustfmt::skip]
pub(super) const STAGES: [Combination; ALL_STAGES - 1] = [
    Combination { first: 0.05260015195876773, from: 1, rest: &[] },
    Combination { first: 0.0197250569845379, from: 1, rest: &[0.0591751709536137] },
    Combination { first: 0.02958758547680685, from: 2, rest: &[0.08876275643042054] },
    Combination { first: 0.2413651341592667, from: 2, rest: &[-0.8845494793282861, 0.924834003261792] },
    Combination { first: 0.037037037037037035, from: 3, rest: &[0.17082860872947386, 0.12546768756682242] },
    Combination { first: 0.037109375, from: 3, rest: &[
        0.17025221101954405, 0.06021653898045596, -0.017578125,
    ] },
    Combination { first: 0.03709200011850479, from: 3, rest: &[
        0.17038392571223998, 0.10726203044637328, -0.015319437748624402, 0.008273789163814023,
    ] },
    Combination { first: 0.6241109587160757, from: 3, rest: &[
        -3.3608926294469414, -0.868219346841726, 27.59209969944671, 20.154067550477894,
        -43.48988418106996,
    ] },
    Combination { first: 0.47766253643826434, from: 3, rest: &[
        -2.4881146199716677, -0.590290826836843, 21.230051448181193, 15.279233632882423,
        -33.28821096898486, -0.020331201708508627,
    ] },
    Combination { first: -0.9371424300859873, from: 3, rest: &[
        5.186372428844064, 1.0914373489967295, -8.149787010746927, -18.52006565999696,
        22.739487099350505, 2.4936055526796523, -3.0467644718982196,
    ] },
    Combination { first: 2.273310147516538, from: 3, rest: &[
        -10.53449546673725, -2.0008720582248625, -17.9589318631188, 27.94888452941996,
        -2.8589982771350235, -8.87285693353063, 12.360567175794303, 0.6433927460157636,
    ] },
    Combination { first: 0.054293734116568765, from: 5, rest: &[
        4.450312892752409, 1.8915178993145003, -5.801203960010585, 0.3111643669578199,
        -0.1521609496625161, 0.20136540080403034, 0.04471061572777259,
    ] },
    Combination { first: 0.056167502283047954, from: 6, rest: &[
        0.25350021021662483, -0.2462390374708025, -0.12419142326381637, 0.15329179827876568,
        0.00820105229563469, 0.007567897660545699, -0.008298,
    ] },
    Combination { first: 0.03183464816350214, from: 5, rest: &[
        0.028300909672366776, 0.053541988307438566, -0.05492374857139099, 0.0,
        0.0, -0.00010834732869724932, 0.0003825710908356584, -0.00034046500868740456,
        0.1413124436746325,
    ] },
    Combination { first: -0.42889630158379194, from: 5, rest: &[
        -4.697621415361164, 7.683421196062599, 4.06898981839711, 0.3567271874552811,
        0.0, 0.0, 0.0, -0.0013990241651590145,
        2.9475147891527724, -9.15095847217987,
    ] },
];

/// The step less one of order 5.
#[rustfmt::skip]
pub(super) const ERROR_5: Combination = Combination { first: 0.01312004499419488, from: 5, rest: &[
    -1.2251564463762044, -0.4957589496572502, 1.6643771824549864, -0.35032884874997366,
    0.3341791187130175, 0.08192320648511571, -0.022355307863886294,
] };

/// The step less one of order 3.
#[rustfmt::skip]
pub(super) const ERROR_3: Combination = Combination { first: -0.18980075407240762, from: 5, rest: &[
    4.450312892752409, 1.8915178993145003, -5.801203960010585, -0.4226823213237919,
    -0.1521609496625161, 0.20136540080403034, 0.02265179219836082,
] };

/// Terms of the continuous extension that Hermite interpolation of the ends lacks.
#[rustfmt::skip]
pub(super) const DENSE: [Combination; 4] = [
    Combination { first: -8.428938276109013, from: 5, rest: &[
        0.5667149535193777, -3.0689499459498917, 2.38466765651207, 2.117034582445028,
        -0.871391583777973, 2.2404374302607883, 0.6315787787694688, -0.08899033645133331,
        18.148505520854727, -9.194632392478356, -4.436036387594894,
    ] },
    Combination { first: 10.427508642579134, from: 5, rest: &[
        242.28349177525817, 165.20045171727028, -374.5467547226902, -22.113666853125306,
        7.733432668472264, -30.674084731089398, -9.332130526430229, 15.697238121770845,
        -31.139403219565178, -9.35292435884448, 35.81684148639408,
    ] },
    Combination { first: 19.985053242002433, from: 5, rest: &[
        -387.0373087493518, -189.17813819516758, 527.8081592054236, -11.57390253995963,
        6.8812326946963, -1.0006050966910838, 0.7777137798053443, -2.778205752353508,
        -60.19669523126412, 84.32040550667716, 11.99229113618279,
    ] },
    Combination { first: -25.69393346270375, from: 5, rest: &[
        -154.18974869023643, -231.5293791760455, 357.6391179106141, 93.40532418362432,
        -37.45832313645163, 104.0996495089623, 29.8402934266605, -43.53345659001114,
        96.32455395918828, -39.17726167561544, -149.72683625798564,
    ] },
];
