package config

import (
	"fmt"
	"net"
	"strconv"
	"time"
)

// The ports follow from the node id.
const (
	DetectorPortBase     = 50050
	DisseminatorPortBase = 50060
	// MaxNodeID is the highest node id; its ports still fit below 65536.
	MaxNodeID = 10_000

	// portDistance lies between the two ports of a node, so ids that far apart collide
	// on one address.
	portDistance = DisseminatorPortBase - DetectorPortBase
)

// Config is the environment of a node, understood and checked. Nothing in it is missing:
// what was not set has its default. docs/CONFIG.md says what each variable means.
type Config struct {
	NodeID int // NODE_ID
	// Members are detector addresses, host:port, this node's own among them or not (MEMBERS).
	Members []string
	// BootstrapAddresses are disseminator addresses, host:port, none twice (BOOTSTRAP_ADDRESS).
	BootstrapAddresses []string

	Cluster       string // SWIM_CLUSTER
	AdvertiseHost string // SWIM_ADVERTISE_HOST, may be empty: the function AdvertiseHost finds out
	// DetectorAddr and DisseminatorAddr are where the halves listen; the host may be empty
	// (SWIM_DETECTOR_ADDR, SWIM_DISSEMINATOR_ADDR).
	DetectorAddr     string
	DisseminatorAddr string

	ProbeInterval  time.Duration // SWIM_PROBE_INTERVAL
	ProbeTimeout   time.Duration // SWIM_PROBE_TIMEOUT, less than ProbeInterval
	ProbeOrder     string        // SWIM_PROBE_ORDER: shuffle or random
	IndirectProbes int           // SWIM_INDIRECT_PROBES: 0 to 16

	PauseTolerance time.Duration // SWIM_PAUSE_TOLERANCE
	SuspicionMax   time.Duration // SWIM_SUSPICION_MAX, not less than PauseTolerance
	PairGrace      time.Duration // SWIM_PAIR_GRACE
	CrashVerdict   bool          // SWIM_CRASH_VERDICT: on or off

	TCPTuning bool // SWIM_TCP_TUNING: on or off

	LogLevel  string // SWIM_LOG_LEVEL: debug, info, warn or error
	LogFormat string // SWIM_LOG_FORMAT: console or json
	LogRPC    string // SWIM_LOG_RPC: all or changes

	Zone string            // SWIM_ZONE, may be empty
	Tags map[string]string // SWIM_TAGS, nil when there are none
}

// The values of a switch.
const (
	on  = "on"
	off = "off"
)

// Load reads the environment of this process. The warnings are for the log; the node can
// run with them. The error is a Faults and holds everything that is wrong.
//
// When NODE_ID is not set, ask is asked for it, up to three times; nil means that there is nobody to ask (see
// AskAtTerminal).
func Load(ask func(prompt string) (string, error)) (Config, []string, error) {
	env, set, err := readEnvironment()
	if err != nil {
		return Config{}, nil, fmt.Errorf("configuration: cannot read the environment: %w", err)
	}
	var p parser
	warnings := p.unknownVariables(set)
	cfg := p.config(env, ask)
	p.contradictions(cfg)
	if len(p.faults) > 0 {
		return Config{}, warnings, p.faults
	}
	return cfg, warnings, nil
}

// config reads every variable by itself; what they say together is checked afterwards.
func (p *parser) config(env environment, ask func(string) (string, error)) Config {
	swim := env.Swim
	cfg := Config{
		NodeID:             p.nodeID(env.NodeID, ask),
		Members:            p.members(env.Members),
		BootstrapAddresses: p.bootstrapAddresses(env.BootstrapAddress),
		Cluster:            p.cluster(swim.Cluster),
		AdvertiseHost:      p.advertiseHost(swim.AdvertiseHost),
		ProbeInterval:      p.duration("SWIM_PROBE_INTERVAL", swim.ProbeInterval, 100*time.Millisecond, time.Minute),
		ProbeTimeout:       p.duration("SWIM_PROBE_TIMEOUT", swim.ProbeTimeout, 10*time.Millisecond, time.Minute),
		ProbeOrder:         p.choice("SWIM_PROBE_ORDER", swim.ProbeOrder, "ring", "shuffle", "random"),
		IndirectProbes:     p.number("SWIM_INDIRECT_PROBES", swim.IndirectProbes, 0, 16),
		PauseTolerance:     p.duration("SWIM_PAUSE_TOLERANCE", swim.PauseTolerance, 100*time.Millisecond, time.Minute),
		SuspicionMax:       p.duration("SWIM_SUSPICION_MAX", swim.SuspicionMax, 100*time.Millisecond, 10*time.Minute),
		PairGrace:          p.duration("SWIM_PAIR_GRACE", swim.PairGrace, 100*time.Millisecond, 10*time.Minute),
		CrashVerdict:       p.choice("SWIM_CRASH_VERDICT", swim.CrashVerdict, on, off) == on,
		TCPTuning:          p.choice("SWIM_TCP_TUNING", swim.TCPTuning, on, off) == on,
		LogLevel:           p.choice("SWIM_LOG_LEVEL", swim.LogLevel, "debug", "info", "warn", "error"),
		LogFormat:          p.choice("SWIM_LOG_FORMAT", swim.LogFormat, "console", "json"),
		LogRPC:             p.choice("SWIM_LOG_RPC", swim.LogRPC, "all", "changes"),
		Zone:               p.zone(swim.Zone),
		Tags:               p.tags(swim.Tags),
	}
	cfg.DetectorAddr = p.listenAddr("SWIM_DETECTOR_ADDR", swim.DetectorAddr, DetectorPortBase+cfg.NodeID)
	cfg.DisseminatorAddr = p.listenAddr("SWIM_DISSEMINATOR_ADDR", swim.DisseminatorAddr, DisseminatorPortBase+cfg.NodeID)
	return cfg
}

// DetectorPort is the port that this node's detector listens on.
func (c Config) DetectorPort() int { return splitAddress(c.DetectorAddr).port }

// DisseminatorPort is the port that this node's disseminator listens on.
func (c Config) DisseminatorPort() int { return splitAddress(c.DisseminatorAddr).port }

// DetectorDialAddr is where a process on this host dials this node's detector.
func (c Config) DetectorDialAddr() string { return localDialAddr(c.DetectorAddr) }

// DisseminatorDialAddr is where a process on this host, above all the own detector, dials
// this node's disseminator.
func (c Config) DisseminatorDialAddr() string { return localDialAddr(c.DisseminatorAddr) }

// localDialAddr answers for what listens on every interface with the loopback address: it
// needs no route and no name service.
func localDialAddr(listen string) string {
	a := splitAddress(listen)
	if !specific(a.host) {
		a.host = "127.0.0.1"
	}
	return a.String()
}

// splitAddress takes an address of a Config apart; those have been checked.
func splitAddress(text string) address {
	host, port, _ := net.SplitHostPort(text)
	n, _ := strconv.Atoi(port)
	return address{host: host, port: n}
}
