package deptest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// listed is what the go command tells about a package.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string // without tests, for this platform
	Export     string   // file with the compiled form
	DepOnly    bool
}

// list asks the go command for the package in dir, and for all that it depends on at any
// distance: import path to the file of its compiled form.
func list(dir string) (pkg listed, deps map[string]string, err error) {
	cmd := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,GoFiles,Export,DepOnly", ".")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return pkg, nil, fmt.Errorf("go list in %s: %w\n%s", dir, err, &stderr)
	}
	deps = make(map[string]string)
	for decode := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decode.Decode(&p); errors.Is(err, io.EOF) {
			return pkg, deps, nil
		} else if err != nil {
			return pkg, nil, fmt.Errorf("go list in %s: %w", dir, err)
		}
		if p.DepOnly {
			deps[p.ImportPath] = p.Export
		} else {
			pkg = p
		}
	}
}
