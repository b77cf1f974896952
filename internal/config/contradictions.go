package config

import (
	"fmt"
	"strings"
)

// contradictions finds values that are right by themselves and wrong together. A rule is
// left out when one of its variables has a fault already: the second would only repeat it.
func (p *parser) contradictions(cfg Config) {
	if p.sound("SWIM_PROBE_INTERVAL", "SWIM_PROBE_TIMEOUT") {
		p.timeoutBelowInterval(cfg)
	}
	if p.sound("SWIM_PAUSE_TOLERANCE", "SWIM_SUSPICION_MAX") {
		p.suspicionAboveTolerance(cfg)
	}
	if !p.sound("NODE_ID", "SWIM_DETECTOR_ADDR", "SWIM_DISSEMINATOR_ADDR", "SWIM_ADVERTISE_HOST") {
		return
	}
	detector, disseminator := splitAddress(cfg.DetectorAddr), splitAddress(cfg.DisseminatorAddr)
	p.halvesApart(cfg, detector, disseminator)
	p.oneAdvertisedHost(cfg, detector, disseminator)
	if p.sound("MEMBERS") && !p.tenApart(cfg.Members) {
		p.ownPortsTaken(cfg, detector, disseminator)
	}
}

func (p *parser) timeoutBelowInterval(cfg Config) {
	if cfg.ProbeTimeout < cfg.ProbeInterval {
		return
	}
	p.fault("SWIM_PROBE_TIMEOUT", short(cfg.ProbeTimeout),
		fmt.Sprintf("not less than SWIM_PROBE_INTERVAL=%s, so no time is left for the proxies", short(cfg.ProbeInterval)),
		fmt.Sprintf("set SWIM_PROBE_TIMEOUT=%s, half the interval, or a longer interval", short(cfg.ProbeInterval/2)))
}

func (p *parser) suspicionAboveTolerance(cfg Config) {
	if cfg.SuspicionMax >= cfg.PauseTolerance {
		return
	}
	p.fault("SWIM_SUSPICION_MAX", short(cfg.SuspicionMax),
		fmt.Sprintf("less than SWIM_PAUSE_TOLERANCE=%s, so the longest suspicion would be shorter than the shortest", short(cfg.PauseTolerance)),
		fmt.Sprintf("set SWIM_SUSPICION_MAX=%s, four times the tolerance, or a shorter tolerance", short(4*cfg.PauseTolerance)))
}

func (p *parser) halvesApart(cfg Config, detector, disseminator address) {
	sameHost := !specific(detector.host) || !specific(disseminator.host) || hostKey(detector.host) == hostKey(disseminator.host)
	if sameHost && detector.port == disseminator.port {
		p.fault("SWIM_DISSEMINATOR_ADDR", cfg.DisseminatorAddr,
			fmt.Sprintf("the same address as SWIM_DETECTOR_ADDR=%s", cfg.DetectorAddr),
			fmt.Sprintf("give each half its own port, by default %d and %d", DetectorPortBase+cfg.NodeID, DisseminatorPortBase+cfg.NodeID))
	}
}

func (p *parser) oneAdvertisedHost(cfg Config, detector, disseminator address) {
	if cfg.AdvertiseHost == "" && specific(detector.host) && specific(disseminator.host) &&
		hostKey(detector.host) != hostKey(disseminator.host) {
		p.fault("SWIM_DISSEMINATOR_ADDR", cfg.DisseminatorAddr,
			fmt.Sprintf("on another host than SWIM_DETECTOR_ADDR=%s, but a node is advertised with one host for both halves", cfg.DetectorAddr),
			"use the same host in both, or set SWIM_ADVERTISE_HOST to a host that reaches both")
	}
}

// ownAddressCure mends every case of ids ten apart.
const ownAddressCure = "choose other ids, or give each node an address of its own: on one machine " +
	"127.0.1.1, 127.0.1.2 and so on, in MEMBERS and in SWIM_DETECTOR_ADDR and SWIM_DISSEMINATOR_ADDR"

// tenApart reports whether two entries on one host need the same port: the disseminator of
// the one is ten above its detector, where the other has its detector.
func (p *parser) tenApart(members []string) bool {
	entryAt := make(map[address]string)
	for _, m := range members {
		entryAt[splitAddress(m).key()] = m
	}
	var pairs []string
	for _, m := range members {
		lower := splitAddress(m).key()
		if upper, taken := entryAt[address{lower.host, lower.port + portDistance}]; taken {
			pairs = append(pairs, m+" and "+upper)
		}
	}
	if len(pairs) == 0 {
		return false
	}
	p.fault("MEMBERS", strings.Join(pairs, ", "),
		"these are ids ten apart on one address: the disseminator of the first (its port plus 10) and the detector of the second need the same port",
		ownAddressCure)
	return true
}

// ownPortsTaken finds an entry of MEMBERS that is on this node's own address and needs one
// of its two ports for its other half. Wildcard listeners have every loopback address.
func (p *parser) ownPortsTaken(cfg Config, detector, disseminator address) {
	for _, m := range cfg.Members {
		other := splitAddress(m)
		switch {
		case onHost(other, detector, cfg.AdvertiseHost) && detector.port == other.port+portDistance:
			p.fault("MEMBERS", m, fmt.Sprintf("the disseminator of this entry is on port %d of the same address, where the detector of this node (NODE_ID=%d) is",
				detector.port, cfg.NodeID), ownAddressCure)
		case onHost(other, disseminator, cfg.AdvertiseHost) && disseminator.port == other.port:
			p.fault("MEMBERS", m, fmt.Sprintf("the detector of this entry is on port %d of the same address, where the disseminator of this node (NODE_ID=%d) is",
				other.port, cfg.NodeID), "MEMBERS names detectors (port 50050+ID): correct the entry, or "+ownAddressCure)
		}
	}
}

// onHost reports whether peer is certainly on the address that listen takes or that is
// advertised for it.
func onHost(peer, listen address, advertised string) bool {
	if advertised != "" && hostKey(peer.host) == hostKey(advertised) {
		return true
	}
	if specific(listen.host) {
		return hostKey(peer.host) == hostKey(listen.host)
	}
	return loopback(peer.host)
}
