"""The sheet that asks what if: data tables over the cases, the drivers and the miners."""
