"""What a load showed of a service: measured, judged, compared, told. Pure; `drivers/load` measures."""
