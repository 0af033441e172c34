// Command netlyra detects anomalous network traffic. Package cli implements its
// commands.
package main

import (
	"os"

	"github.com/netlyra/netlyra/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
