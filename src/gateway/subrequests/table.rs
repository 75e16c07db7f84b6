//! Tables in plain text.

use crate::diagnostics::printable;

/// A table with columns as wide as their widest cell plus `gap`.
pub(super) fn columns<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    gap: usize,
) -> String {
    let mut all = vec![head.map(str::to_owned)];
    let rows = rows.into_iter();
    all.extend(rows.map(|row| row.map(|cell| printable(&cell))));
    let width = |column: usize| {
        let cells = all.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default() + gap
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &all {
        for (cell, width) in row.iter().zip(&widths).take(N - 1) {
            text += &format!("{cell:width$}");
        }
        text += &row[N - 1];
        text.push('\n');
    }
    text
}
