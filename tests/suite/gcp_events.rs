//! Events of Google Cloud and of CloudEvents' senders, over real sockets.
