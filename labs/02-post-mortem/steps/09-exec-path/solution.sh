kubectl exec backend -n lab-networking -- hostname
