//! What stands in place of stores that are not compiled in.

#[cfg(not(feature = "objects"))]
pub(crate) mod objects {
    use crate::{Memory, StoreError};

    pub(crate) struct Objects;

    impl Objects {
        pub(crate) fn open(_url: &str) -> Result<Memory, StoreError> {
            let no_feature = "it needs one of the features files, s3, azure and gcs";
            Err(StoreError::new(no_feature))
        }
    }
}

#[cfg(not(feature = "sql"))]
pub(crate) mod sql {
    use std::future::ready;

    use crate::{Memory, StoreError};

    pub(crate) struct Sql;

    impl Sql {
        pub(crate) fn open(_url: &str) -> impl Future<Output = Result<Memory, StoreError>> {
            let no_feature = "it needs one of the features sqlite and postgres";
            ready(Err(StoreError::new(no_feature)))
        }
    }
}
