package config

import (
	"fmt"
	"slices"
)

func (p *parser) members(raw string) []string {
	return p.peers("MEMBERS", raw, DetectorPortBase+1, func(entry string, first, second int) {
		p.fault("MEMBERS", entry, fmt.Sprintf("entries %d and %d are the same address", first, second), "remove one of them: each node has one entry")
	})
}

// bootstrapAddresses may name one twice: asking it once is what was meant.
func (p *parser) bootstrapAddresses(raw string) []string {
	return p.peers("BOOTSTRAP_ADDRESS", raw, DisseminatorPortBase+1, func(string, int, int) {})
}

// peers reads a list of addresses to dial and leaves out those that come a second time,
// after it has told twice which entries they are (counted from 1).
func (p *parser) peers(name, raw string, examplePort int, twice func(entry string, first, second int)) []string {
	var list []string
	var seen []address
	for i, entry := range entries(raw) {
		a, problem, cure := peerAddress(entry, examplePort)
		if problem != "" {
			p.fault(name, entry, fmt.Sprintf("entry %d %s", i+1, problem), cure)
			seen = append(seen, address{}) // keeps the count
			continue
		}
		if first := slices.Index(seen, a.key()); first >= 0 {
			twice(entry, first+1, i+1)
		} else {
			list = append(list, a.String())
		}
		seen = append(seen, a.key())
	}
	return list
}

func (p *parser) advertiseHost(raw string) string {
	text := textOf("SWIM_ADVERTISE_HOST", raw)
	if text == "" {
		return ""
	}
	if a, problem, _ := peerAddress(text, DetectorPortBase+1); problem == "" {
		p.fault("SWIM_ADVERTISE_HOST", text, "has a port, but the ports are those of the two halves", "write the host alone: SWIM_ADVERTISE_HOST="+a.host)
	} else if problem = hostProblem(text); problem != "" {
		p.fault("SWIM_ADVERTISE_HOST", text, problem, "set it to the name or IP address at which the other nodes reach this one, without brackets and port")
	}
	return text
}

// listenAddr is where a half listens; by default on every interface, on the port that
// follows from the node id.
func (p *parser) listenAddr(name, raw string, defaultPort int) string {
	text := textOf(name, raw)
	if text == "" {
		return address{port: defaultPort}.String()
	}
	a, problem := listenAddress(text)
	if problem != "" {
		p.fault(name, text, problem, fmt.Sprintf("write host:port, or :port for every interface, e.g. %s=:%d", name, defaultPort))
	}
	return a.String()
}
