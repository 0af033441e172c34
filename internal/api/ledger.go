package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// getLedger returns all equations. The status is 200 even if one does not hold: clients
// check adds_up.
func (s *Server) getLedger(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.JSON(http.StatusOK, s.deps.Ledger.Ledger())
}
