//! emqxd: a clustered MQTT broker whose nodes can be taken out of service under live traffic.

pub mod cluster;
pub mod membership;
pub mod message;
pub mod operation;
pub mod packet;
pub mod routing;
pub mod session;
pub mod time;
pub mod topic;
