//! Integers as bytes, little-endian.

/// Bytes that are being written.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    /// Writes sizes, of 8 bytes each.
    pub(crate) fn words(&mut self, sizes: impl IntoIterator<Item = usize>) {
        self.0.extend(sizes.into_iter().flat_map(|size| (size as u64).to_le_bytes()));
    }

    /// Writes integers of 8 bytes each.
    pub(crate) fn integers(&mut self, values: &[i64]) {
        self.0.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }

    /// Writes counts of 4 bytes each.
    pub(crate) fn halves(&mut self, counts: &[u32]) {
        self.0.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
    }
}

/// Bytes that are still to be read; what they are too few for is none.
#[derive(Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    /// Reads a size.
    pub(crate) fn size(&mut self) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.next()?)).ok()
    }

    /// Reads the length of a list, of so many bytes or more for each item, that the rest has room for.
    pub(crate) fn length(&mut self, item: usize) -> Option<usize> {
        self.size().filter(|length| length.checked_mul(item).is_some_and(|bytes| bytes <= self.0.len()))
    }

    /// Reads integers of 8 bytes each.
    pub(crate) fn integers(&mut self, count: usize) -> Option<Vec<i64>> {
        (0..count).map(|_| self.next().map(i64::from_le_bytes)).collect()
    }

    /// Reads counts of 4 bytes each.
    pub(crate) fn halves(&mut self, count: usize) -> Option<Vec<u32>> {
        (0..count).map(|_| self.next().map(u32::from_le_bytes)).collect()
    }
}
