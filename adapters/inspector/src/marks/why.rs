//! What is said of a difference.

/// Names that mean one thing, the portable one first. All are as `normal` makes them.
const SAME: [&[&str]; 20] = [
    &[
        "id",
        "messageid",
        "eventid",
        "itemidentifier",
        "sequencenumber",
        "eventname",
    ],
    &[
        "deliverycount",
        "approximatereceivecount",
        "dequeuecount",
        "deliveryattempt",
        "xcloudtaskstaskretrycount",
    ],
    &[
        "time",
        "senttimestamp",
        "timestamp",
        "publishtime",
        "insertiontime",
        "enqueuedtimeutc",
        "eventtime",
        "approximatearrivaltimestamp",
        "approximatecreationdatetime",
        "xgoogpubsubpublishtime",
        "lastmodified",
    ],
    &[
        "sent",
        "senttimestamp",
        "timestamp",
        "publishtime",
        "insertiontime",
        "enqueuedtimeutc",
        "time",
    ],
    &[
        "due",
        "next",
        "time",
        "xcloudschedulerscheduletime",
        "scheduledtime",
    ],
    &[
        "orderingkey",
        "messagegroupid",
        "partitionkey",
        "sessionid",
        "key",
    ],
    &["bucket", "name", "bucketid", "containername", "uri"],
    &["key", "name", "objectid", "uri", "subject", "keys"],
    &["version", "versionid", "generation", "objectgeneration"],
    &["method", "httpmethod"],
    &["path", "rawpath", "url", "target"],
    &["query", "rawquerystring", "url", "path"],
    &["clientip", "sourceip", "xforwardedfor"],
    &[
        "requestid",
        "lambdaruntimeawsrequestid",
        "xazurefunctionsinvocationid",
        "xmsinvocationid",
        "functionexecutionid",
    ],
    &[
        "traceparent",
        "lambdaruntimetraceid",
        "xcloudtracecontext",
        "xamzntraceid",
    ],
    &["function", "lambdaruntimeinvokedfunctionarn"],
    &["status", "statuscode"],
    &["body", "data", "detail", "value", "input", "records"],
    &["type", "cetype", "detailtype", "eventtype", "eventname"],
    &["operation", "eventname"],
];

/// Tells how well names agree: 0 for not at all.
pub(super) fn agree(from: &str, to: &str) -> u32 {
    if from == to {
        return 50;
    }
    let known = |names: &&[&str]| {
        let has = |name: &str| names.contains(&name);
        (names.first() == Some(&to) && has(from)) || (names.first() == Some(&from) && has(to))
    };
    if SAME.iter().any(known) { 30 } else { 0 }
}

pub(super) fn moved(from: &str, to: &str) -> String {
    let why = match (from, to) {
        (_, "host") => "a request has an absolute URI on every host; the name is the client's own",
        (_, "clientip") => "the host's own word, not what a client could have written",
        (_, "requestid") => "the host's id of the invocation",
        (_, "deliverycount") => "how often it was delivered, under one name on every host",
        (_, "orderingkey") => "what keeps its order, under one name on every host",
        (_, "time" | "sent" | "due") => "the same time",
        (_, "id") => "the source's own id",
        (_, "setcookie" | "cookies") | ("cookie" | "cookies", _) => {
            "cookies have a place of their own there"
        }
        (_, "status" | "statuscode") => "the same status",
        _ => "the same value, under its portable name",
    };
    if to == "statuscode" || to == "cookies" {
        return format!("{why}, as this front door has it");
    }
    why.to_owned()
}

pub(super) fn added(name: &str) -> &'static str {
    match name {
        "source" => "a CloudEvent says its source as a URI; it is made of what the host says of it",
        "type" => "a CloudEvent says its type; the host's own words are put together",
        "function" => "the program's environment says it",
        "requestid" => "the host gives none: a random one",
        "clientip" => "the address that the connection came from",
        "rootpath" | "stage" => "what was taken off the path, for building links",
        "path" => "there is none: the root",
        "host" => "the host's own name",
        "contentlength" => "the length of the body as it is now",
        "isbase64encoded" => "says how the body is written",
        "outputs" | "logs" | "returnvalue" => "the host wants it there",
        "statusdescription" => "the front door wants the status in words too",
        "contenttype" => "none was said, so it is said here",
        "traceparent" => "the host's own trace, in the form of W3C",
        _ => "made of what the host says",
    }
}

pub(super) fn dropped(name: &str, count: usize, side: &str) -> String {
    let why = match name {
        "connection" | "keepalive" | "proxyconnection" | "te" | "trailer" | "transferencoding"
        | "upgrade" => "it belongs to one connection",
        "contentlength" => "the length is the body's own",
        "body" if side == "in" => "the handler has not read it",
        "isbase64encoded" => "it says how the body is written, which is decoded",
        "receipthandle" | "popreceipt" | "locktoken" | "ackid" => {
            "the host's own handle: it acknowledges by itself"
        }
        "md5ofbody" | "md5ofmessageattributes" | "crc32c" => "a checksum of what has arrived",
        "eventsource" | "eventversion" | "specversion" | "eventsourcearn" | "awsregion" => {
            "it told which source it is"
        }
        "xmsclientprincipal" | "xmsclientprincipalid" => "a client could have written it",
        _ if side == "out" => "this host cannot carry it",
        _ => "not portable: native() has it",
    };
    match count {
        1 => why.to_owned(),
        count => format!("{count} values; {why}"),
    }
}
