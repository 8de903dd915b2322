//! Gaussian copula: standard normals with given correlations, by a Cholesky factor.

use crate::{Error, Result};

/// Computes the correlation of two normals with the rank correlation `rank`: `2 sin(pi rank/6)` (Pearson 1907).
fn pearson(rank: f64) -> f64 {
    // Taylor series: at pi/6 the first omitted term is below 1e-19.
    let x = std::f64::consts::FRAC_PI_6 * rank;
    let square = x * x;
    let sum = (1..=8).rev().fold(1.0, |sum, k| {
        let k = f64::from(2 * k);
        1.0 - square / (k * (k + 1.0)) * sum
    });
    2.0 * x * sum
}

/// Computes the rows of the Cholesky factor of the correlations, without zeros; empty for an independent variable.
pub(super) fn factors(count: usize, ranks: &[(usize, usize, f64)]) -> Result<Vec<Vec<(usize, f64)>>> {
    let mut matrix = vec![vec![0.0; count]; count];
    for &(i, j, rank) in ranks {
        matrix[i.max(j)][i.min(j)] = pearson(rank);
    }
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(count);
    for (i, row) in matrix.iter().enumerate() {
        let mut row_factors: Vec<f64> = Vec::with_capacity(i + 1);
        for j in 0..i {
            let explained: f64 = (0..j).map(|k| row_factors[k] * factor[j][k]).sum();
            row_factors.push((row[j] - explained) / factor[j][j]);
        }
        let pivot = 1.0 - row_factors.iter().map(|v| v * v).sum::<f64>();
        // A smaller pivot is lost in rounding: the variables would be linearly dependent.
        if pivot.is_nan() || pivot < 1e-12 {
            let rule = "a positive definite matrix: they cannot all hold together";
            return Err(Error::InvalidValue {
                owner: "draw",
                name: "correlations",
                value: pivot,
                index: None,
                rule: rule.into(),
            });
        }
        row_factors.push(pivot.sqrt());
        factor.push(row_factors);
    }
    let sparse = |row: Vec<f64>| {
        let kept: Vec<(usize, f64)> = row.into_iter().enumerate().filter(|&(_, v)| v != 0.0).collect();
        if kept.len() == 1 { Vec::new() } else { kept }
    };
    Ok(factor.into_iter().map(sparse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_gives_the_correlations() {
        for rank in [-0.999, -0.5, -1e-9, 0.3, 0.99] {
            assert!((pearson(rank) - 2.0 * (std::f64::consts::FRAC_PI_6 * rank).sin()).abs() < 1e-15);
        }
        let rows = factors(4, &[(0, 2, 0.5), (3, 2, -0.4)]).unwrap();
        assert!(rows[0].is_empty() && rows[1].is_empty());
        let dot = |i: usize, j: usize| -> f64 {
            let entry = |i: usize, k| rows[i].iter().find(|&&(column, _)| column == k).map_or(0.0, |&(_, v)| v);
            (0..4).map(|k| entry(i, k) * entry(j, k)).sum()
        };
        assert!((dot(2, 3) - pearson(-0.4)).abs() < 1e-15);
        assert_eq!(rows[2][0], (0, pearson(0.5)));
        assert!((dot(3, 3) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn contradictory_correlations_are_refused() {
        assert!(factors(3, &[(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)]).is_err());
    }
}
