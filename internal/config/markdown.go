package config

import (
	"fmt"
	"strings"
)

// Markdown is docs/CONFIG.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString(introduction)
	b.WriteString("\n## All variables\n\n| variable | default | meaning | read by | limits |\n|---|---|---|---|---|\n")
	for _, v := range variables {
		preset := v.otherwise
		if v.preset != "" {
			preset = "`" + v.preset + "`"
		}
		meaning := v.meaning
		if v.tradeOff != "" {
			meaning += " *" + v.tradeOff + "*"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", v.name, preset, meaning, v.readBy, v.limits)
	}
	return b.String()
}

const introduction = `<!-- Made from internal/config by "go test ./config -update" in internal/. Do not edit. -->

# Configuration

A node is configured by environment variables, read once at the start. Start both halves,
the detector and the disseminator, with the same environment: each takes what it needs and
checks all of it.

    NODE_ID=1 MEMBERS=localhost:50051,localhost:50052 bin/detector
    NODE_ID=1 MEMBERS=localhost:50051,localhost:50052 bin/disseminator

- An empty variable is an unset one. Blanks around values and list entries do not count.
- Durations have a unit: ` + "`500ms`, `1s`" + `.
- An unknown variable that begins with ` + "`SWIM_`" + ` is taken for a typo and refused.
- If anything is wrong, the process lists **all** faults, each with its variable and its cure,
  and exits with **code 2** (1 is a failure at run time, 0 a stop as asked).
- ` + "`bin/detector config`" + ` and ` + "`bin/disseminator config`" + ` print the settings in force.

## Ports

The detector listens on **50050 + ID**, the disseminator on **50060 + ID**: node 3 has 50053
and 50063. ` + "`MEMBERS`" + ` names detectors, ` + "`BOOTSTRAP_ADDRESS`" + ` names disseminators.

## One host

Ids ten apart need the same port: 50061 is the disseminator of node 1 and the detector of
node 11. On one address that cannot work, and the start says so. For more than ten nodes on
one machine give each its own loopback address; the ports may then be the same for all:

    NODE_ID=11 SWIM_DETECTOR_ADDR=127.0.1.11:50051 SWIM_DISSEMINATOR_ADDR=127.0.1.11:50061
    MEMBERS=127.0.1.1:50051,127.0.1.2:50051,...

## The advertised host

The others dial a node at one host for both halves. It is the first of these that there is:

1. ` + "`SWIM_ADVERTISE_HOST`" + `;
2. the host in ` + "`SWIM_DETECTOR_ADDR` or `SWIM_DISSEMINATOR_ADDR`" + ` (not empty, ` + "`0.0.0.0` or `::`" + `);
3. the host of the entry in ` + "`MEMBERS`" + ` that has this node's detector port, as written there; of
   several such entries the one that is an address of this machine;
4. the local address from which this machine reaches the first bootstrap or member address;
5. the first address of a network interface that is not the loopback;
6. ` + "`127.0.0.1`" + `.

## Containers

Run the two halves of a node in one network namespace and pass both the same environment.
In ` + "`MEMBERS`" + ` use the names that the other containers know: ` + "`node1:50051,node2:50052`" + `. Without a
terminal nobody is asked for ` + "`NODE_ID`" + `: set it. In Kubernetes set ` + "`enableServiceLinks: false`" + `;
otherwise a Service called swim puts variables such as ` + "`SWIM_PORT=tcp://...`" + ` into the pod,
which are ignored with a warning.
`
