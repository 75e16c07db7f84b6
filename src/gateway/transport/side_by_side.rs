//! Running look-ups and builds side by side.

use futures_util::TryStreamExt as _;
use futures_util::stream::FuturesOrdered;

/// Runs everything at once and returns the results in the given order.
///
/// # Errors
/// The error of the first that failed, in the given order: which one finished first makes no difference. The others are
/// cancelled.
pub(crate) async fn all<T, E>(
    futures: impl IntoIterator<Item = impl Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    let running: FuturesOrdered<_> = futures.into_iter().collect();
    running.try_collect().await
}

/// Runs both at once.
///
/// # Errors
/// The error of the first, which cancels the second; else that of the second.
pub(crate) async fn both<A, B, E>(
    first: impl Future<Output = Result<A, E>>,
    second: impl Future<Output = Result<B, E>>,
) -> Result<(A, B), E> {
    let (first, second) = tokio::try_join!(first, async { Ok(second.await) })?;
    Ok((first, second?))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::task::yield_now;

    use super::*;

    async fn after(
        turns: usize,
        result: Result<u8, u8>,
        finished: &RefCell<Vec<u8>>,
    ) -> Result<u8, u8> {
        for _ in 0..turns {
            yield_now().await;
        }
        let (Ok(number) | Err(number)) = result;
        finished.borrow_mut().push(number);
        result
    }

    #[tokio::test(flavor = "current_thread")]
    async fn results_keep_the_given_order_whichever_is_ready_first() {
        let finished = RefCell::default();
        let results = all([
            after(3, Ok(1), &finished),
            after(0, Ok(2), &finished),
            after(1, Ok(3), &finished),
        ]);
        assert_eq!(results.await, Ok(vec![1, 2, 3]));
        assert_eq!(finished.into_inner(), [2, 3, 1]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_first_error_in_the_given_order_is_reported() {
        let finished = RefCell::default();
        let results = all([
            after(1, Ok(1), &finished),
            after(3, Err(2), &finished),
            after(0, Err(3), &finished),
            after(9, Ok(4), &finished),
        ]);
        assert_eq!(results.await, Err(2));
        assert_eq!(finished.into_inner(), [3, 1, 2], "the fourth is cancelled");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn of_two_the_error_of_the_first_is_reported_and_cancels_the_second() {
        let finished = RefCell::default();
        let failed = both(after(2, Err(1), &finished), after(0, Err(2), &finished));
        assert_eq!(failed.await, Err(1));
        let failed = both(after(0, Err(3), &finished), after(9, Ok(4), &finished));
        assert_eq!(failed.await, Err(3));
        let failed = both(after(2, Ok(5), &finished), after(0, Err(6), &finished));
        assert_eq!(failed.await, Err(6));
        assert_eq!(finished.into_inner(), [2, 1, 3, 6, 5]);
    }
}
