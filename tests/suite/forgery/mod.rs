//! Attackers: what they can send to each host, and what must not come of it. What is forged on every
//! host in the same way is a case of the suite: `cases/`.

mod documents;
mod fields;
mod senders;
mod served;
mod wire;
