kubectl expose pod backend -n lab-networking --port=80 --target-port=8080
sleep 1
kubectl exec frontend -n lab-networking -- nslookup backend
