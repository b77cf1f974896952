package daemon

import (
	"os"
	"runtime"
)

// beASidecar leaves the machine to the service beside which this process runs. One core is
// plenty for a few messages a second; with more, Go wakes a second thread for each of them,
// only to find nothing to do. GOMAXPROCS in the environment overrules it.
func beASidecar() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
}
