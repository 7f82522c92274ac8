kubectl get pods -n lab-networking -o wide
kubectl exec backend -n lab-networking -- curl -s -o /dev/null \
  -w "HTTP %{http_code}" http://10.244.0.15
