//! The runtime of commands that wait for several things at once.

use tokio::runtime::Builder;

use crate::fail::{Kind, Result, cause};

/// Runs a command's future to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(cause(Kind::Run, "cannot start a runtime"))?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}
