package config

// variable documents one environment variable, and holds its default.
type variable struct {
	name string
	// preset is the text that an unset or empty variable stands for.
	preset string
	// otherwise says what happens without a value, when there is no preset.
	otherwise string
	// readBy is the half that acts on it; both halves check it.
	readBy   string
	limits   string
	meaning  string
	tradeOff string
}

const (
	bothHalves       = "both"
	detectorHalf     = "detector"
	disseminatorHalf = "disseminator"
)

// variables are all that there are, in the order of the documentation.
var variables = []variable{
	{
		name:      "NODE_ID",
		otherwise: "asked for at a terminal, refused elsewhere",
		readBy:    bothHalves,
		limits:    "decimal, 1 to 10000, no leading zero",
		meaning: "The number of this node, unique in its cluster. The ports follow from it. " +
			"The two halves of a node have the same.",
	},
	{
		name:      "MEMBERS",
		otherwise: "nobody is known at the start",
		readBy:    disseminatorHalf,
		limits:    "`host:port`, separated by commas, no address twice",
		meaning: "Detector addresses of nodes to meet, this node's own among them or not. They become " +
			"members when they are reached; being late is no failure. Names are looked up anew at each dial.",
		tradeOff: "More entries: the node finds the others even when most of the listed are down. " +
			"Fewer: less to keep up to date; one live entry is enough.",
	},
	{
		name:      "BOOTSTRAP_ADDRESS",
		otherwise: "no Join is sent",
		readBy:    disseminatorHalf,
		limits:    "`host:port`, separated by commas",
		meaning: "Disseminator addresses (50060+ID) to join through, all tried, and retried until one answers. " +
			"For nodes that the others do not have in MEMBERS.",
		tradeOff: "Several: a node can join while one of them is down.",
	},
	{
		name:    "SWIM_CLUSTER",
		preset:  "swim",
		readBy:  bothHalves,
		limits:  "1 to 64 of `A-Z a-z 0-9 . _ -`",
		meaning: "The name of the cluster. Peers that give another name are refused, so that two clusters never merge by a reused address.",
	},
	{
		name:      "SWIM_ADVERTISE_HOST",
		otherwise: "found out at the start",
		readBy:    disseminatorHalf,
		limits:    "host name or IP address, no port",
		meaning:   "The host at which the other nodes dial both halves of this one. Set it behind a port forwarder or address translation.",
	},
	{
		name:      "SWIM_DETECTOR_ADDR",
		otherwise: ":50050+ID",
		readBy:    bothHalves,
		limits:    "`host:port` or `:port`, port 1 to 65535",
		meaning:   "Where the detector listens; the disseminator is told by it where its other half is.",
		tradeOff:  "Without a host: reachable on every interface. With one: only there, and it is also the advertised host.",
	},
	{
		name:      "SWIM_DISSEMINATOR_ADDR",
		otherwise: ":50060+ID",
		readBy:    bothHalves,
		limits:    "`host:port` or `:port`, port 1 to 65535",
		meaning:   "Where the disseminator listens, and where its detector dials it.",
		tradeOff:  "As for SWIM_DETECTOR_ADDR.",
	},
	{
		name:     "SWIM_PROBE_INTERVAL",
		preset:   "1s",
		readBy:   bothHalves,
		limits:   "100ms to 1m",
		meaning:  "The protocol period T': one member is pinged in each.",
		tradeOff: "Lower: a silent member is found sooner, every node sends more pings. Higher: cheaper and slower.",
	},
	{
		name:     "SWIM_PROBE_TIMEOUT",
		preset:   "500ms",
		readBy:   detectorHalf,
		limits:   "10ms or more, less than SWIM_PROBE_INTERVAL",
		meaning:  "How long a ping may stay unanswered, at most, before proxies are asked. The time-out follows the network: on a fast one it is 100 ms, and the proxies have another 300.",
		tradeOff: "Lower: slow but healthy members cost indirect pings. Higher: on a slow or busy network the proxies have less time to answer.",
	},
	{
		name:     "SWIM_PROBE_ORDER",
		preset:   "ring",
		readBy:   detectorHalf,
		limits:   "`ring`, `shuffle` or `random`",
		meaning:  "Whom to ping next. `ring`: all nodes agree on a new ring in each period, and each pings its successor. `shuffle` goes through all members before it begins again; `random` draws each time.",
		tradeOff: "`ring`: every member is pinged once per period; clocks that differ by more than a period make it as good as `random`. `shuffle`: each node pings every member in turn, so a path that is bad in one direction is found for certain. `random`: as in the original; the wait for a member has no bound.",
	},
	{
		name:     "SWIM_INDIRECT_PROBES",
		preset:   "3",
		readBy:   detectorHalf,
		limits:   "0 to 16",
		meaning:  "How many proxies are asked to ping a member that did not answer.",
		tradeOff: "Lower: fewer messages, 0 asks nobody. Higher: more bad paths are survived before a healthy member is accused.",
	},
	{
		name:     "SWIM_PAUSE_TOLERANCE",
		preset:   "1s",
		readBy:   disseminatorHalf,
		limits:   "100ms to 1m",
		meaning:  "How long a healthy node may stand still (a garbage collection, a busy host) without being failed. A suspicion lasts at least so long, plus 300 ms for a last answer.",
		tradeOff: "Lower: a silent node is failed sooner, and a pause that short fails a healthy one. Higher: longer pauses are forgiven.",
	},
	{
		name:     "SWIM_SUSPICION_MAX",
		preset:   "4s",
		readBy:   disseminatorHalf,
		limits:   "100ms to 10m, not less than SWIM_PAUSE_TOLERANCE",
		meaning:  "How long a suspicion lasts that no witness confirms. Each confirmation brings it closer to SWIM_PAUSE_TOLERANCE.",
		tradeOff: "Lower: in a cluster of two, or when the accuser dies, a silent node is failed sooner. Higher: one observer with a bad network does less harm.",
	},
	{
		name:     "SWIM_PAIR_GRACE",
		preset:   "5s",
		readBy:   disseminatorHalf,
		limits:   "100ms to 10m",
		meaning:  "How long one half of a node may be without the other. All say that the node is suspect from the first moment; after the grace it is failed.",
		tradeOff: "Lower: half a node is failed sooner. Higher: more time to restart or replace one half.",
	},
	{
		name:     "SWIM_CRASH_VERDICT",
		preset:   "on",
		readBy:   disseminatorHalf,
		limits:   "`on` or `off`",
		meaning:  "Whether a crash is believed at once: the connection to a node was closed, and both its ports refuse fresh ones, for two observers, from an address that the node says is on its own host.",
		tradeOff: "`on`: a killed process is failed everywhere within a fraction of a second. `off`: it is suspect first, like a silent one.",
	},
	{
		name:     "SWIM_TCP_TUNING",
		preset:   "on",
		readBy:   bothHalves,
		limits:   "`on` or `off`",
		meaning:  "Whether sockets get the Linux options that make TCP fit for small messages with short deadlines. A kernel that lacks some is used without them.",
		tradeOff: "`on`: far fewer pings fail where packets are lost. `off`: the system's own settings.",
	},
	{
		name:     "SWIM_LOG_LEVEL",
		preset:   "info",
		readBy:   bothHalves,
		limits:   "`debug`, `info`, `warn` or `error`",
		meaning:  "The least level that is logged.",
		tradeOff: "`warn` and `error` leave out the lines for each RPC.",
	},
	{
		name:     "SWIM_LOG_FORMAT",
		preset:   "console",
		readBy:   bothHalves,
		limits:   "`console` or `json`",
		meaning:  "The form of a log line.",
		tradeOff: "`console` is for people, `json` for programs.",
	},
	{
		name:     "SWIM_LOG_RPC",
		preset:   "all",
		readBy:   bothHalves,
		limits:   "`all` or `changes`",
		meaning:  "Which RPCs get their two lines. `changes` leaves out the successful pings.",
		tradeOff: "`all`: the whole story, several lines per period. `changes`: quiet while all is well.",
	},
	{
		name:      "SWIM_ZONE",
		otherwise: "no zone",
		readBy:    disseminatorHalf,
		limits:    "at most 64 bytes, printable",
		meaning:   "Where the node runs, shown in its row of the membership list.",
	},
	{
		name:      "SWIM_TAGS",
		otherwise: "no tags",
		readBy:    disseminatorHalf,
		limits:    "`key=value`, separated by commas; at most 32; keys of 1 to 64, values of up to 256 bytes, printable",
		meaning:   "What applications want to know about the node, shown in its row of the membership list.",
	},
}

// presetOf the variable; "" when it has none.
func presetOf(name string) string {
	for _, v := range variables {
		if v.name == name {
			return v.preset
		}
	}
	return ""
}
