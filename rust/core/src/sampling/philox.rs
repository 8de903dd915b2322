//! Philox4x64-10 (Salmon, Moraes, Dror & Shaw 2011), with the same words as `numpy.random.Philox`.
//!
//! Draw i of a variable is word i mod 4 of the block with counter (i/4 + 1, variable, 0, 0) under the key (seed, domain):
//! `NumPy` increments the counter before the first block. A draw thus depends only on the seed, its index and the variable.

/// Second word of the key, the purpose of the numbers ("ensemble" in ASCII).
pub const DOMAIN: u64 = 0x656E_7365_6D62_6C65;

const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
const WEYL: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];
const ROUNDS: usize = 10;

/// Returns the number of a variable: the 64-bit FNV-1a hash of the UTF-8 bytes of its name (Fowler, Noll & Vo).
pub fn variable_number(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// Computes the four words of a block.
#[inline(always)]
fn block(mut key: [u64; 2], mut counter: [u64; 4]) -> [u64; 4] {
    #[allow(clippy::cast_possible_truncation)] // truncation gives the low half
    let product = |m: u64, c: u64| {
        let wide = u128::from(m) * u128::from(c);
        ((wide >> 64) as u64, wide as u64)
    };
    for _ in 0..ROUNDS {
        let (high0, low0) = product(MULTIPLIERS[0], counter[0]);
        let (high1, low1) = product(MULTIPLIERS[1], counter[2]);
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

/// Converts a word to a number strictly between 0 and 1: the middle of one of 2^52 equal cells, so that 1 minus it is exact too.
#[inline(always)]
fn unit(word: u64) -> f64 {
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    // In [2^52, 2^53) the low bits are the integer.
    let cell = f64::from_bits(TWO_52 | (word >> 12)) - f64::from_bits(TWO_52);
    (cell + 0.5) * f64::EPSILON
}

/// Writes the uniforms of a variable from draw `first` on.
#[inline(always)]
pub(super) fn uniforms(seed: u64, variable: u64, first: u64, out: &mut [f64]) {
    let words = |index: u64| block([seed, DOMAIN], [index.wrapping_add(1), variable, 0, 0]);
    let lead = out.len().min(((4 - first % 4) % 4) as usize);
    let (head, rest) = out.split_at_mut(lead);
    let offset = (first % 4) as usize;
    for (value, word) in head.iter_mut().zip(words(first / 4).into_iter().skip(offset)) {
        *value = unit(word);
    }
    let start = (first + lead as u64) / 4;
    for (index, chunk) in rest.chunks_mut(4).enumerate() {
        for (value, word) in chunk.iter_mut().zip(words(start + index as u64)) {
            *value = unit(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_blocks() {
        // numpy.random.Philox(key=0, counter=0).random_raw(4); then the known answers of Random123.
        let numpy = [0x02F4_BA64_08E4_D89B, 0x3DD6_2B0B_9CA8_C5B2, 0x1C86_67A5_5D90_2E79, 0x907D_7A05_2FD5_B4DC];
        assert_eq!(block([0, 0], [1, 0, 0, 0]), numpy);
        let zeros = [0x1655_4D9E_CA36_314C, 0xDB20_FE9D_672D_0FDC, 0xD7E7_72CE_E186_176B, 0x7E68_B68A_EC7B_A23B];
        assert_eq!(block([0, 0], [0; 4]), zeros);
        let ones = [0x87B0_92C3_013F_E90B, 0x438C_3C67_BE8D_0224, 0x9CC7_D7C6_9CD7_77B6, 0xA09C_AEBF_594F_0BA0];
        assert_eq!(block([u64::MAX; 2], [u64::MAX; 4]), ones);
    }

    #[test]
    fn any_split_gives_the_same() {
        let mut whole = [0.0; 1000];
        uniforms(7, 9, 3, &mut whole);
        for (from, to) in [(0, 1), (1, 4), (2, 1000), (5, 6), (996, 1000), (17, 17)] {
            let mut part = vec![0.0; to - from];
            uniforms(7, 9, 3 + from as u64, &mut part);
            assert_eq!(part, whole[from..to]);
        }
        assert!(whole.iter().all(|&u| u > 0.0 && u < 1.0));
    }

    #[test]
    fn fnv_of_known_texts() {
        assert_eq!(variable_number(""), 0xCBF2_9CE4_8422_2325);
        assert_eq!(variable_number("a"), 0xAF63_DC4C_8601_EC8C);
        assert_eq!(variable_number("foobar"), 0x8594_4171_F739_67E8);
    }

    #[test]
    fn the_ends_of_the_unit_interval() {
        assert_eq!(unit(0), 0.5 * f64::EPSILON);
        assert_eq!(1.0 - unit(u64::MAX), 0.5 * f64::EPSILON);
    }
}
